import { cards } from "../fixtures/checkout.ts";
import { expect, test } from "../fixtures/test.ts";
import { historyRows } from "../fixtures/top-up.ts";

test("a top-up with an invoice leads to it and to its PDF from the history", async ({
  customer,
  page,
  topUp,
  checkout,
}) => {
  await topUp.choosePack(25);
  await page.getByRole("checkbox", { name: "I need an invoice" }).check();
  await topUp.continue();
  await checkout.fillBilling("Example Ltd", "EU123456789");
  await checkout.pay(cards.good);
  await topUp.isAdded("$25.00");
  await expect(page.getByRole("link", { name: "Invoice", exact: true })).toBeVisible();

  await customer.page.goto("/wallet");
  const row = historyRows(page).filter({ hasText: "Top-up" }).first();
  await row.locator("summary").first().click();
  const pdf = row.getByRole("link", { name: "Invoice (PDF)" });
  const file = await page.request.get((await pdf.getAttribute("href")) ?? "");
  expect(file.headers()["content-type"]).toBe("application/pdf");
  expect((await file.body()).subarray(0, 5).toString()).toBe("%PDF-");

  await row.getByRole("link", { name: "Invoice", exact: true }).click();
  await expect(page).toHaveURL(/\/i\//);
  for (const text of ["$25.00", "Example Ltd", "EU123456789"]) {
    await expect(page.getByText(text).first()).toBeVisible();
  }
});

test("a top-up without one has a receipt and no invoice", async ({ customer, page, topUp }) => {
  await topUp.buy(10);
  await expect(page.getByRole("link", { name: "Receipt" })).toBeVisible();
  await expect(page.getByRole("link", { name: /Invoice/ })).toHaveCount(0);
  expect(page).toBe(customer.page);
});
