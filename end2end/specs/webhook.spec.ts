import { cards } from "../fixtures/checkout.ts";
import { expect, test } from "../fixtures/test.ts";
import { historyRows } from "../fixtures/top-up.ts";

// What Stripe's messages do to a top-up when they come twice, late, in disorder or not at all.
// The modes hold for the whole sandbox, so these journeys go one after the other.
test.describe.configure({ mode: "serial" });

test.afterEach(async ({ sandbox }) => {
  await sandbox.control("webhooks/mode", { mode: "normal" });
});

for (const mode of ["duplicate", "reorder", "drop"] as const) {
  test(`messages under ${mode}: one top-up, one bonus @world`, async ({
    customer,
    page,
    topUp,
    sandbox,
  }) => {
    await sandbox.control("webhooks/mode", { mode });
    await topUp.buy(25);
    await customer.page.goto("/wallet");
    await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$25.50");
    await expect(historyRows(page)).toHaveCount(1);
  });
}

test("a message before the customer is back: the page finds it settled @world", async ({
  customer,
  page,
  topUp,
  checkout,
  sandbox,
}) => {
  await topUp.choosePack(10);
  await topUp.continue();
  await checkout.isOpen();
  await sandbox.control(`sessions/${checkout.session()}/pay`, { card: cards.good });
  await page.goto("/wallet");
  const balance = page.getByRole("region", { name: "Available balance" });
  await expect(async () => {
    await customer.page.reload();
    await expect(balance).toContainText("$10.00", { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
});
