import { expect, test } from "../fixtures/test.ts";

test("a code nobody made is refused in words", async ({ customer, page, complaints }) => {
  complaints.allow(/status of 422/);
  await customer.page.goto("/account");
  await page.getByRole("textbox", { name: "Promo code" }).fill("NOBODY-00");
  await page.getByRole("button", { name: "Redeem" }).click();
  await expect(page.getByRole("alert")).toContainText("We do not know this code.");
});

test("a code typed with a top-up is refused beside its field, and the amount stays", async ({
  customer,
  page,
  topUp,
  complaints,
}) => {
  complaints.allow(/status of 422/);
  await customer.page.goto("/add-credit");
  await topUp.typeAmount("30");
  const code = page.getByRole("textbox", { name: "Promo code" });
  await code.fill("NOBODY-00");
  await topUp.continue();
  await expect(page.getByRole("alert").first()).toContainText("We do not know this code.");
  await expect(code).toHaveAccessibleDescription(
    "We do not know this code. Check how it is written.",
  );
  const amount = page.getByRole("textbox", { name: "Custom amount" });
  await expect(amount).toHaveValue("30");
  await expect(amount).not.toHaveAttribute("aria-invalid", "true");
});
