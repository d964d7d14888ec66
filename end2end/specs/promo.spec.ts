import { expect, test } from "../fixtures/test.ts";

test("a code nobody made is refused in words", async ({ customer, page, complaints }) => {
  complaints.allow(/status of 422/);
  await customer.page.goto("/account");
  await page.getByRole("textbox", { name: "Promo code" }).fill("NOBODY-00");
  await page.getByRole("button", { name: "Redeem" }).click();
  await expect(page.getByRole("alert")).toContainText("We do not know this code.");
});
