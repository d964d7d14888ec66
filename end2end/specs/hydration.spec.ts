import { customerPages, hydrated, openPages, purchasePages } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

for (const { path, name } of openPages) {
  test(`${name} is taken over without a word @javascript`, async ({ page, complaints }) => {
    complaints.allow(/no-such-page.*status of 404/);
    await page.goto(path);
    await hydrated(page);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  });
}

test("every page of a customer is taken over without a word @javascript", async ({
  customer,
  page,
  topUp,
}) => {
  test.slow();
  await topUp.buy(10);
  for (const { path } of [...customerPages, ...purchasePages(topUp.id())]) {
    await customer.page.goto(path);
    await hydrated(page);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
});

test("every page can be reached without loading a document anew @javascript", async ({
  customer,
  page,
}) => {
  await customer.page.goto("/wallet");
  await hydrated(page);
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await page.getByRole("link", { name: "Add credit" }).first().click();
  await expect(page.getByRole("heading", { name: "Add credit", level: 1 })).toBeFocused();
  await page.getByRole("link", { name: "Account" }).first().click();
  await expect(page.getByRole("heading", { name: "Account", level: 1 })).toBeFocused();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Add credit", level: 1 })).toBeVisible();
  expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
});
