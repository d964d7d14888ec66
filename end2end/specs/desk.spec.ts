import type { Page } from "@playwright/test";
import { Stripe } from "../fixtures/stripe.ts";
import { expect, test } from "../fixtures/test.ts";
import { historyRows } from "../fixtures/top-up.ts";

const support = "support@example.com";
const colleague = "colleague@example.com";

test("to a customer there is no desk", async ({ customer, page, complaints }) => {
  complaints.allow(/status of 404/);
  for (const path of ["/desk", "/desk/campaigns", "/desk/audit", "/desk/nothing"]) {
    const answer = await customer.page.goto(path);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("searchbox")).toHaveCount(0);
  }
});

/** Finds a customer by what they quote, and opens their page. */
async function find(desk: Page, quoted: string, email: string): Promise<void> {
  await desk.goto("/desk");
  await desk.getByRole("searchbox", { name: "Find a customer" }).fill(quoted);
  await desk.getByRole("button", { name: "Find" }).click();
  await desk.getByRole("link", { name: email }).click();
  await expect(desk.getByRole("heading", { name: email, level: 1 })).toBeVisible();
}

/** Acts of a table that belong to one row of it. */
function rowOf(desk: Page, text: string) {
  return desk.getByRole("row").filter({ hasText: text });
}

test("a customer found by a receipt number is corrected by two people, and the auditor reads it", async ({
  customer,
  page,
  topUp,
  desk,
  request,
  complaints,
}) => {
  test.slow();
  await topUp.buy(25);
  const stripe = new Stripe(request, customer.email);
  const number = await stripe.receiptNumber();
  const { wallet } = await stripe.payment();
  const reason = `Two days without service, for ${customer.email}`;

  const asking = await desk.open(support);
  await find(asking, number, customer.email);
  const corrections = asking.getByRole("region", { name: "Corrections" });
  await corrections.getByRole("textbox", { name: "Amount" }).fill("60");
  await corrections.getByRole("textbox", { name: "Reason, for the customer" }).fill(reason);
  await corrections.getByRole("button", { name: "Correct", exact: true }).click();
  await expect(rowOf(asking, reason)).toContainText("Waits for a colleague");
  await expect(rowOf(asking, reason).getByRole("button")).toHaveCount(0);
  await page.goto("/wallet");
  await expect(page.getByText(reason)).toHaveCount(0);

  const approving = await desk.open(colleague);
  await approving.goto("/desk/corrections");
  await rowOf(approving, reason).getByRole("button", { name: "Approve" }).click();
  await expect(rowOf(approving, reason)).toHaveCount(0);
  await asking.reload();
  await expect(rowOf(asking, reason)).toContainText(`Posted by ${colleague}`);

  await page.goto("/wallet");
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$85.50");
  const row = historyRows(page).filter({ hasText: "Correction" });
  await expect(row).toContainText(reason);
  await expect(row).toContainText("$60.00");

  // The auditor reads who did what, and has nothing to do it with.
  const reading = await desk.open("auditor@example.com");
  await reading.goto(`/desk/audit?wallet=${wallet}`);
  await expect(rowOf(reading, "correct").filter({ hasText: support })).toContainText("done");
  await expect(rowOf(reading, "approve").filter({ hasText: colleague })).toContainText("done");
  await reading.goto(`/desk/wallets/${wallet}`);
  await expect(rowOf(reading, reason)).toBeVisible();
  for (const act of ["Correct", "Freeze", "End", "Send again"]) {
    await expect(reading.getByRole("button", { name: act, exact: true })).toHaveCount(0);
  }
  complaints.allow(/status of 404/);
  const hidden = await reading.goto("/desk/corrections");
  expect(hidden?.status()).toBe(404);
});

test("a frozen wallet says why, and calls again when it is unfrozen", async ({
  customer,
  page,
  topUp,
  desk,
  complaints,
}) => {
  test.slow();
  complaints.allow(/status of 422/);
  await topUp.buy(10);
  const clerk = await desk.open(support);
  await find(clerk, customer.email, customer.email);
  await clerk
    .getByRole("textbox", { name: "Reason to freeze, for the customer" })
    .fill("Calls that nobody placed");
  await clerk.getByRole("button", { name: "Freeze" }).click();
  await expect(clerk.getByText("Frozen since")).toContainText("Calls that nobody placed");

  await page.goto("/call?to=%2B493012345678");
  await expect(page.getByText("Calls that nobody placed").first()).toBeVisible();

  await clerk.getByRole("button", { name: "Unfreeze" }).click();
  await expect(clerk.getByRole("button", { name: "Freeze", exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByText("Calls that nobody placed")).toHaveCount(0);
});

test("a campaign is started, its code is redeemed, and its credit says until when it lasts", async ({
  customer,
  page,
  desk,
  complaints,
}) => {
  complaints.allow(/status of 422/);
  const code = `GIFT-${customer.email.slice(0, 8).toUpperCase()}`;
  const operator = await desk.open("operator@example.com");
  await operator.goto("/desk/campaigns");
  const form = operator.getByRole("region", { name: "New campaign" });
  const today = new Date();
  const last = new Date(today.getTime() + 30 * 86_400_000);
  const day = (date: Date) => date.toISOString().slice(0, 10);
  const fields = {
    Code: code,
    "What the customer reads": "A gift of the summer",
    "Each gets": "3",
    "First day": day(new Date(today.getTime() - 86_400_000)),
    "Last day": day(last),
    "At most so many": "2",
    "At most so much": "6",
    "Days the credit lasts": "30",
  };
  for (const [name, value] of Object.entries(fields)) {
    await form.getByLabel(name, { exact: true }).fill(value);
  }
  await form.getByRole("button", { name: "Start campaign" }).click();
  await expect(rowOf(operator, code)).toContainText("0 of 2");

  // As people type it: in small letters, with spaces.
  await customer.page.goto("/account");
  const redeem = async (typed: string) => {
    await page.getByRole("textbox", { name: "Promo code" }).fill(typed);
    await page.getByRole("button", { name: "Redeem" }).click();
  };
  await redeem(` ${code.toLowerCase().replace("-", " ")} `);
  await expect(async () => {
    await page.goto("/wallet");
    await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$3.00", {
      timeout: 1_000,
    });
  }).toPass();
  const row = historyRows(page).filter({ hasText: "Credit given" });
  await expect(row).toContainText("A gift of the summer");
  await row.locator("summary").first().click();
  await expect(row.getByText(/^Can be spent until/)).toBeVisible();

  await page.goto("/account");
  await redeem(code);
  await expect(page.getByRole("alert").first()).toContainText("already");
  await operator.reload();
  await expect(rowOf(operator, code)).toContainText("1 of 2");
  await operator.getByRole("button", { name: `Stop ${code}` }).click();
  await expect(rowOf(operator, code)).toContainText("Stopped");
});
