document.querySelectorAll("[data-card]").forEach((button) => button.addEventListener("click", () => {
  const fill = (id, value) => { const field = document.getElementById(id); if (field && !field.value) field.value = value; };
  document.getElementById("card_number").value = button.textContent;
  const other = document.querySelector("[name=saved_card][value='']");
  if (other) other.checked = true;
  fill("expiry", "12/34"); fill("cvc", "123"); fill("name", "Ana Example");
  document.querySelector("button.main").focus();
}));
