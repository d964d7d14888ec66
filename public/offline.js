// Says what was last seen, and when; the page itself says everything else.
const kept = localStorage.getItem("last-seen");
if (kept) {
  const { text, at } = JSON.parse(kept);
  document.getElementById("figure").textContent = text;
  const moment = document.getElementById("moment");
  moment.dateTime = new Date(at).toISOString();
  moment.textContent = new Intl.DateTimeFormat(undefined, {
    dateStyle: "long",
    timeStyle: "short",
  }).format(at);
  document.getElementById("seen").hidden = false;
}
addEventListener("online", () => location.reload());
