import { expect, test } from "../fixtures/test.ts";
import { figure, historyRows } from "../fixtures/top-up.ts";

test("a refund shows its calculation before the click, and takes the bonus that was not earned", async ({
  customer,
  page,
  topUp,
}) => {
  await topUp.buy(100);
  await page.getByRole("link", { name: "Refund" }).click();
  await expect(figure(page, "Not spent yet")).toHaveText("$100.00");
  await page.getByRole("textbox", { name: "Amount to return" }).fill("60");
  await page.getByRole("button", { name: "Calculate" }).click();
  await expect(figure(page, "Credit returned")).toContainText("60.00");
  await expect(figure(page, "Back to your card")).toContainText("60.00");
  // $40.00 would have earned 2 %: $0.80 of the $8.00 stay.
  await expect(page.getByText("A top-up of $40.00 earns $7.20 less bonus")).toBeVisible();

  await page.getByRole("button", { name: /^Refund \$60\.00 to Visa/ }).click();
  await expect(async () => {
    await page.reload();
    await expect(page.getByText("sent to your card")).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 20_000 });

  await customer.page.goto("/wallet");
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$40.80");
  await expect(historyRows(page).filter({ hasText: "Refund" }).first()).toContainText("60.00");
});
