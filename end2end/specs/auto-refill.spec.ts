import type { Page } from "@playwright/test";
import { cards } from "../fixtures/checkout.ts";
import { Stripe } from "../fixtures/stripe.ts";
import { expect, test } from "../fixtures/test.ts";

async function terms(page: Page, threshold: string, amount: string, cap: string): Promise<void> {
  await page.getByRole("textbox", { name: "When balance drops below" }).fill(threshold);
  await page.getByRole("textbox", { name: "Refill amount" }).fill(amount);
  await page.getByRole("textbox", { name: "Monthly cap" }).fill(cap);
}

/** What the page says about where auto-refill stands, asked again until it says so. */
async function becomes(page: Page, words: RegExp | string): Promise<void> {
  await expect(async () => {
    await page.goto("/auto-refill");
    await expect(page.getByText(words).first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
}

test("auto-refill is armed, triggered by a call, declined, fixed and resumed", async ({
  customer,
  page,
  request,
  sandbox,
  checkout,
  topUp,
}) => {
  await topUp.choosePack(10);
  await page.getByRole("checkbox", { name: "Save this card for auto-refill" }).check();
  await topUp.continue();
  await checkout.pay(cards.good);
  await topUp.isAdded("$10.00");

  await page.goto("/auto-refill");
  await terms(page, "9.98", "5", "20");
  await page.getByRole("button", { name: "Turn on auto-refill" }).click();
  const forecast =
    "When your balance drops below $9.98 we charge $5.00 to Visa ····4242, at most $20.00 a month; $0.00 used in";
  await expect(page.getByText(forecast)).toBeVisible();

  // The card is reported stolen; then a call sets credit aside.
  const visa = await new Stripe(request, customer.email).savedCard();
  await sandbox.control(`payment_methods/${visa}/next`, { outcome: "stolen_card" });
  await page.goto("/call");
  await page.getByRole("textbox", { name: "Phone number" }).fill("+49 30 12345678");
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await expect(page).toHaveURL(/\/call\?call=/);
  await becomes(page, "Suspended");
  await expect(page.getByText("does not accept this card any more")).toBeVisible();

  // Another card, and on again: the balance is still low, so it asks before it charges.
  await page.goto("/account");
  const section = page.getByRole("region", { name: "Cards" });
  await section.getByRole("button", { name: "Save a card" }).click();
  await checkout.save("5555555555554444");
  await section.getByRole("button", { name: "Use Mastercard ····4444 for auto-refill" }).click();
  await expect(section.getByRole("listitem").first()).toContainText("Mastercard ····4444");
  await page.goto("/auto-refill");
  await page.getByRole("button", { name: "Turn on auto-refill" }).click();
  await expect(page.getByRole("heading", { name: "We will charge $5.00 now" })).toBeVisible();
  await page.getByRole("button", { name: "Turn on and charge $5.00 now" }).click();
  await becomes(page, "$5.00 used in");
  await expect(page.getByText("to Mastercard ····4444, at most $20.00 a month")).toBeVisible();

  await page.getByRole("button", { name: "Turn off" }).click();
  await expect(page.getByRole("heading", { name: "Off", exact: true })).toBeVisible();
  await page.goto("/wallet");
  await expect(page.getByText("Auto-refill").first()).toBeVisible();
});

test("a refused cap names its limits", async ({ customer, page }) => {
  await customer.page.goto("/auto-refill");
  await expect(page.getByRole("heading", { name: "First, a card" })).toBeVisible();
  await terms(page, "10", "25", "100");
  await expect(page.getByRole("button", { name: "Turn on auto-refill" })).toBeVisible();
});
