import { cards } from "../fixtures/checkout.ts";
import { expect, test } from "../fixtures/test.ts";

test("a card is saved at a top-up by consent, and removed", async ({
  customer,
  page,
  topUp,
  checkout,
}) => {
  await topUp.choosePack(10);
  await page.getByRole("checkbox", { name: "Save this card for auto-refill" }).check();
  await topUp.continue();
  await checkout.pay(cards.good);
  await topUp.isAdded("$10.00");

  await customer.page.goto("/account");
  const section = page.getByRole("region", { name: "Cards" });
  await expect(section.getByRole("listitem")).toHaveCount(1);
  await expect(section).toContainText("Visa ····4242");
  await expect(section).toContainText("Expires 12/2034");
  await section.getByRole("button", { name: "Remove Visa ····4242" }).click();
  await expect(section).toContainText("No card is saved");
});

test("cards are saved on their own, and one is chosen", async ({ customer, page, checkout }) => {
  const section = page.getByRole("region", { name: "Cards" });
  for (const card of [cards.good, "5555555555554444"]) {
    await customer.page.goto("/account");
    await section.getByRole("button", { name: "Save a card" }).click();
    await checkout.save(card);
    await expect(page).toHaveURL(/\/account\?card=/);
  }
  await expect(section.getByRole("listitem").first()).toContainText("Visa ····4242");
  await section.getByRole("button", { name: "Use Mastercard ····4444 for auto-refill" }).click();
  await expect(section.getByRole("listitem").first()).toContainText("Mastercard ····4444");
  await expect(section.getByRole("listitem").first()).toContainText("For auto-refill");
});
