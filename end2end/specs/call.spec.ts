import type { Page } from "@playwright/test";
import { cards } from "../fixtures/checkout.ts";
import { Customer } from "../fixtures/customer.ts";
import { hydrated } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";
import { figure, historyRows } from "../fixtures/top-up.ts";

/** Billed by the second, so that every second has its own cost. */
const berlin = { number: "+49 30 12345678", perMinute: 147n };

/** The published arithmetic, in hundredths of a cent: rounded once, a half is up. */
function cost(seconds: number): string {
  const units = (berlin.perMinute * BigInt(seconds) + 30n) / 60n;
  const digits = units.toString().padStart(5, "0");
  const text = `${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/0{1,2}$/, "");
  return `$${text}`;
}

function seconds(clock: string): number {
  return clock
    .split(":")
    .map(Number)
    .reduce((sum, part) => sum * 60 + part, 0);
}

function card(page: Page) {
  return page.getByRole("region", { name: "Call", exact: true });
}

async function dial(page: Page, number: string): Promise<void> {
  await page.goto("/call");
  await page.getByRole("textbox", { name: "Phone number" }).fill(number);
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await expect(page).toHaveURL(/\/call\?call=[0-9a-f-]{36}/);
}

test("the dialer says what a call takes, and what is missing", async ({ customer, page }) => {
  await customer.page.goto("/call?to=%2B493012345678");
  await expect(figure(page, "Per minute")).toHaveText("$0.0147");
  await expect(figure(page, "Minimum balance")).toHaveText("$0.0147");
  await expect(figure(page, "You can talk for")).toHaveText("0 s");
  await expect(page.getByText("$0.0147 is missing")).toBeVisible();
  await expect(page.getByRole("main").getByRole("link", { name: "Add credit" })).toBeVisible();
  await page.goto("/call?to=%2B881612345678");
  await expect(page.getByText("This destination cannot be called.")).toBeVisible();
});

test("the price comes as one types @javascript", async ({ customer, page }) => {
  await customer.page.goto("/call");
  await hydrated(page);
  await page.getByRole("textbox", { name: "Phone number" }).pressSequentially("+493012345678");
  await expect(figure(page, "Per minute")).toHaveText("$0.0147");
  await expect(page.getByRole("textbox", { name: "Phone number" })).toHaveValue("+493012345678");
});

test("a call is found again, counted to the fourth decimal, ended and explained", async ({
  customer,
  context,
  javaScriptEnabled,
  page,
  topUp,
}) => {
  await topUp.buy(10);
  await dial(page, berlin.number);
  const talking = card(page).filter({ hasText: "In a call" });
  await expect(async () => {
    if (!javaScriptEnabled) {
      await page.reload();
    }
    await expect(talking).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  await expect(talking.getByRole("timer")).toBeVisible();
  const so = { timer: talking.getByRole("timer"), cost: figure(page, "Cost so far") };
  const shown = await page.evaluate(
    ([timer, cost]) => [timer?.textContent ?? "", cost?.textContent ?? ""],
    await Promise.all([so.timer.elementHandle(), so.cost.elementHandle()]),
  );
  expect(shown[1]).toBe(cost(seconds(shown[0] ?? "")));
  await expect(figure(page, "Time left")).toHaveText(/^\d+:\d\d:\d\d$/);

  // A call of no whole second costs nothing, so there is something to see only later.
  if (javaScriptEnabled) {
    await expect(so.timer).toHaveText(/^0:(0[3-9]|[1-5]\d)$/, { timeout: 30_000 });
  }

  // Another tab finds it, and the wallet shows it.
  const other = await context.newPage();
  await other.goto("/wallet");
  await expect(card(other)).toContainText("+49");
  await expect(figure(other, "On hold")).toContainText("0.0");
  await card(other).getByRole("button", { name: "Hang up" }).click();
  await expect(async () => {
    if (!javaScriptEnabled) {
      await page.reload();
    }
    await expect(card(page)).toContainText("Call ended", { timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  const told = await card(page).getByRole("status").innerText();
  const talked = seconds(/^([\d:]+) min talked/.exec(told)?.[1] ?? "");
  expect(told).toContain(`Charged ${cost(talked)}`);

  await customer.page.goto("/wallet");
  const row = historyRows(page).filter({ hasText: "Germany" });
  await expect(row).toContainText("ended");
  await row.locator("summary").first().click();
  await expect(row).toContainText(`${talked} s × $0.0147 / 60 = ${cost(talked)}`);
  for (const step of ["Set aside", "Charged", "Given back"]) {
    await expect(row.getByText(step, { exact: true })).toBeVisible();
  }
  await expect(row.getByText("+49 30 12345678")).toBeHidden();
  await row.getByText("Show the number").click();
  await expect(row.getByText("+49 30 12345678")).toBeVisible();
});

test("a number is kept under a name and called from there", async ({ customer, page }) => {
  await customer.page.goto("/call");
  await page.locator("summary").filter({ hasText: "Keep a number" }).click();
  await page.getByRole("textbox", { name: "Number to keep" }).fill(berlin.number);
  await page.getByRole("textbox", { name: "Name" }).fill("Oma");
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.getByRole("link", { name: "Oma" }).click();
  await expect(figure(page, "Per minute")).toHaveText("$0.0147");
  await page.getByRole("button", { name: "Remove Oma" }).click();
  await expect(page.getByRole("link", { name: "Oma" })).toHaveCount(0);
});

test("a call is held for longer as it goes on, and credit added in it makes it longer @world", async ({
  checkout,
  customer,
  page,
  sandbox,
  topUp,
}) => {
  await topUp.typeAmount("5");
  await topUp.continue();
  await checkout.pay(cards.good);
  await topUp.isAdded("$5.00");
  await sandbox.control("switch/pace", { factor: 30 });
  try {
    await dial(page, "+53 7 1234567");
    await expect(card(page)).toContainText("In a call", { timeout: 20_000 });
    const row = historyRows(page).filter({ hasText: "Cuba" });
    await expect(async () => {
      await page.goto("/wallet");
      await row.locator("summary").first().click();
      await expect(row.getByText("More set aside").first()).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    await sandbox.control("switch/pace", { factor: 1 });
    const before = seconds(await figure(page, "Time left").innerText());
    await card(page).getByRole("button", { name: "Add credit" }).click();
    await expect(page).toHaveURL(/\/add-credit/);
    await topUp.buy(10);
    await customer.page.goto("/wallet");
    await expect
      .poll(async () => seconds(await figure(page, "Time left").innerText()))
      .toBeGreaterThan(before);
    await card(page).getByRole("button", { name: "Hang up" }).click();
    await expect(card(page)).toContainText("Call ended", { timeout: 20_000 });
  } finally {
    await sandbox.control("switch/pace", { factor: 1 });
  }
});

test("the end of a call is announced a minute and seconds before, and is no debt @javascript @world", async ({
  checkout,
  customer,
  page,
  sandbox,
  topUp,
}) => {
  await topUp.typeAmount("5");
  await topUp.continue();
  await checkout.pay(cards.good);
  await topUp.isAdded("$5.00");
  // The last minute passes at the customer's pace.
  test.setTimeout(150_000);
  await sandbox.control("switch/pace", { factor: 30 });
  try {
    await dial(page, "+53 7 1234567");
    const left = async () => seconds(await figure(page, "Time left").innerText());
    await expect.poll(left, { timeout: 60_000 }).toBeLessThan(110);
    await expect(card(page)).not.toContainText("Add credit to go on");
    await sandbox.control("switch/pace", { factor: 1 });
    await expect(card(page)).toContainText("Less than a minute is left", { timeout: 60_000 });
    await sandbox.control("switch/pace", { factor: 3 });
    await expect(card(page)).toContainText("The call ends in a few seconds", { timeout: 30_000 });
    await expect(card(page)).toContainText("Call ended", { timeout: 30_000 });
    await customer.page.goto("/wallet");
    await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$0.0");
  } finally {
    await sandbox.control("switch/pace", { factor: 1 });
  }
});

test("a call whose switch fell silent says that it was estimated and corrected @javascript", async ({
  page,
  sandbox,
}) => {
  await Customer.called("ana@example.com", page, sandbox).signIn();
  await page.goto("/wallet?kind=calls&text=demo-call-43");
  const row = historyRows(page).first();
  await expect(row).toContainText("corrected");
  await row.locator("summary").first().click();
  await expect(row).toContainText("reported late");
  await page.goto("/messages");
  await expect(page.getByText("ACME Bank").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Let WINBIG in again" })).toBeVisible();
});
