import type { Page } from "@playwright/test";
import { baseUrl } from "../fixtures/addresses.ts";
import { findings } from "../fixtures/axe.ts";
import { Customer } from "../fixtures/customer.ts";
import {
  customerPages,
  deskCustomer,
  deskPages,
  dress,
  hydrated,
  looks,
  openPages,
  picture,
  purchasePages,
} from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";
import { historyRows } from "../fixtures/top-up.ts";

/** How far the page scrolls sideways; less than nothing where room is kept for a scroll bar. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const root = document.documentElement;
    return root.scrollWidth - root.clientWidth;
  });
}

async function inspect(page: Page, path: string): Promise<void> {
  for (const look of looks) {
    await dress(page, look);
    await page.goto(path);
    await hydrated(page);
    const where = `${path} at ${look.width}, ${look.scheme}`;
    expect(await findings(page), where).toEqual([]);
  }
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await overflow(page), `${path} scrolls sideways at 320`).toBeLessThanOrEqual(0);
}

for (const { path, name } of openPages) {
  test(`${name} can be used by everyone @javascript`, async ({ page, complaints }) => {
    complaints.allow(/no-such-page.*status of 404/);
    await inspect(page, path);
  });
}

for (const { path, name } of customerPages) {
  test(`${name} can be used by everyone @javascript`, async ({ customer, page }) => {
    await inspect(page, path);
    expect(page).toBe(customer.page);
  });
}

test("a code can be typed by everyone @javascript", async ({ visitor, page, complaints }) => {
  complaints.allow(/status of 422/);
  await page.goto("/sign-in");
  await visitor.askForCode();
  expect(await findings(page), "the second step").toEqual([]);
  await visitor.typeCode("1");
  await expect(page.getByRole("alert")).toBeVisible();
  expect(await findings(page), "a refusal").toEqual([]);
});

test("a wallet in use and its top-up can be used by everyone @javascript", async ({
  customer,
  page,
  topUp,
}) => {
  test.slow();
  await topUp.buy(50);
  for (const { path } of purchasePages(topUp.id())) {
    await inspect(page, path);
  }
  for (const path of ["/wallet", "/wallet?show=entries", "/statements?at=2020-01-01T00:00"]) {
    await inspect(customer.page, path);
  }
  await page.goto("/wallet");
  await historyRows(page).locator("summary").first().click();
  expect(await findings(page), "an opened row").toEqual([]);
});

test("a call can be made by everyone @javascript", async ({ customer, page, topUp }) => {
  test.slow();
  await topUp.buy(10);
  await customer.page.goto("/call");
  await page.getByRole("textbox", { name: "Phone number" }).fill("+49 30 12345678");
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await expect(page.getByRole("timer")).toBeVisible();
  expect(await findings(page), "in a call").toEqual([]);
  await inspect(page, "/wallet");
  await page.getByRole("button", { name: "Hang up" }).click();
  await expect(page.getByText("Call ended")).toBeVisible();
  expect(await findings(page), "after a call").toEqual([]);
});

for (const { email, pages } of deskPages) {
  test(`the desk of ${email} can be used by everyone @javascript`, async ({ desk }) => {
    test.slow();
    const page = await desk.open(email);
    for (const { path } of pages) {
      await inspect(page, path);
    }
    if (email.startsWith("support")) {
      await inspect(page, (await deskCustomer(page)).path);
    }
  });
}

test("with colors forced by the system everything can still be seen and done @javascript", async ({
  customer,
  page,
  topUp,
}) => {
  await page.emulateMedia({ forcedColors: "active", colorScheme: "dark" });
  await customer.page.goto("/add-credit");
  await hydrated(page);
  const packs = page.getByRole("radiogroup", { name: "Amount" }).getByRole("radio");
  const edge = (pack: number) =>
    packs
      .nth(pack)
      .evaluate((radio) => getComputedStyle(radio.closest("label") ?? radio).borderBlockStartWidth);
  await packs.first().check();
  expect(await edge(0), "a choice shows without its tint").not.toBe(await edge(2));
  await topUp.buy(10);
  await page.goto("/wallet");
  await historyRows(page).locator("summary").first().click();
  await expect(page.getByText("Balance after").first()).toBeVisible();
  await picture(page, "wallet-forced-colors");
  await page.goto("/account");
  await picture(page, "account-forced-colors");
});

test("text twice as large loses nothing @javascript", async ({ customer, page, topUp }) => {
  await topUp.buy(10);
  // A window of 1280 pixels at 200 %.
  await page.setViewportSize({ width: 640, height: 400 });
  for (const { path } of [...customerPages, ...purchasePages(topUp.id())]) {
    await customer.page.goto(path);
    expect(await overflow(page), `${path} scrolls sideways`).toBeLessThanOrEqual(0);
  }
});

test("the longest words fit the smallest screen @javascript", async ({
  page,
  sandbox,
  context,
}) => {
  test.slow();
  await Customer.called("ana@example.com", page, sandbox).signIn();
  await context.addCookies([{ name: "language", value: "fr", url: baseUrl }]);
  await page.setViewportSize({ width: 320, height: 640 });
  for (const { path } of customerPages) {
    await page.goto(path);
    expect(await overflow(page), `${path} scrolls sideways`).toBeLessThanOrEqual(0);
  }
  await page.goto("/add-credit");
  const pay = page.getByRole("button", { name: "Continuer vers le paiement" });
  const amount = pay.getByText("25,00");
  await expect(amount).toBeVisible();
  const lines = await amount.evaluate((text) => text.getClientRects().length);
  expect(lines, "an amount is never broken").toBe(1);
});
