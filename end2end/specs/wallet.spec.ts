import { Customer } from "../fixtures/customer.ts";
import { hydrated } from "../fixtures/pages.ts";
import { Stripe } from "../fixtures/stripe.ts";
import { Switch } from "../fixtures/switch.ts";
import { expect, test } from "../fixtures/test.ts";
import { figure, historyRows } from "../fixtures/top-up.ts";

test("an empty wallet says so and what to do next", async ({ customer, page }) => {
  await customer.page.goto("/wallet");
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$0.00");
  for (const term of ["On hold", "Paid", "Promotional"]) {
    await expect(figure(page, term)).toContainText("0.00");
  }
  await expect(page.getByRole("region", { name: "History" })).toBeVisible();
  await page.getByRole("link", { name: "Add credit" }).first().click();
  await expect(page).toHaveURL(/\/add-credit/);
});

test("a top-up is a row that explains itself", async ({ customer, page, topUp }) => {
  await topUp.buy(25);
  await customer.page.goto("/wallet");
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$25.50");
  await expect(figure(page, "Paid")).toContainText("25.00");
  await expect(figure(page, "Promotional")).toContainText("0.50");

  const row = historyRows(page).filter({ hasText: "Top-up" }).first();
  await expect(row).toContainText("$25.00");
  await expect(row).toContainText("$0.50");
  await row.locator("summary").click();
  await expect(row).toContainText("$25.50");
  await expect(row).toContainText(/reference/i);

  await row.getByRole("link", { name: /receipt/i }).click();
  await expect(page).toHaveURL(/\/receipts\//);
  await expect(page.getByText("$25.00").first()).toBeVisible();
});

test("filters live in the address and narrow the history", async ({ customer, page, topUp }) => {
  await topUp.buy(10);
  await customer.page.goto("/wallet?min=20");
  await expect(historyRows(page).filter({ hasText: "Top-up" })).toHaveCount(0);
  await page.goto("/wallet?kind=top-ups&min=5");
  await expect(historyRows(page).filter({ hasText: "Top-up" })).toHaveCount(1);
});

test("the balance changes where it is looked at, without being asked @javascript", async ({
  customer,
  context,
  page,
  topUp,
}) => {
  const watching = await context.newPage();
  await watching.goto("/wallet");
  await hydrated(watching);
  const balance = watching.getByRole("region", { name: "Available balance" });
  await expect(balance).toContainText("$0.00");
  await topUp.buy(10);
  await expect(balance).toContainText("$10.00");
  expect(page).toBe(customer.page);
});

test("a row that is open stays open when it says something else @javascript", async ({
  customer,
  page,
  request,
  topUp,
}) => {
  await topUp.buy(10);
  const { wallet } = await new Stripe(request, customer.email).payment();
  const line = new Switch(request);
  const call = await line.begin(wallet, "50251234567");
  await customer.page.goto("/wallet");
  await hydrated(page);
  const row = historyRows(page).filter({ hasText: "Guatemala" }).first();
  const summary = row.locator("summary").first();
  await summary.click();
  const running = await summary.innerText();
  await line.end(wallet, call.id, 61);
  await expect(summary).not.toHaveText(running, { useInnerText: true });
  await expect(row).toHaveAttribute("open", "");
});

test("the balance is told as time to a destination of one's own", async ({
  customer,
  page,
  topUp,
}) => {
  await topUp.buy(10);
  await customer.page.goto("/wallet");
  await page.getByRole("link", { name: "See what it buys" }).click();
  await page.getByRole("searchbox", { name: "Country or number" }).fill("mexico");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("button", { name: "Choose Mexico", exact: true }).click();
  await expect(page).toHaveURL(/\/wallet$/);
  await expect(page.getByRole("link", { name: /^About \d+ h \d+ min to Mexico$/ })).toBeVisible();
  await expect(page.getByRole("img", { name: "Balance of the last 30 days" })).toBeVisible();
  await page.getByText("Show as a table").click();
  await expect(page.getByRole("cell", { name: "+$10.00" })).toBeVisible();
});

test("a charge is worked out again in the browser, to the cent @javascript", async ({
  page,
  sandbox,
}) => {
  await Customer.called("ana@example.com", page, sandbox).signIn();
  await page.goto("/wallet?kind=calls");
  await hydrated(page);
  const call = historyRows(page).filter({ hasText: "ended" }).first();
  await call.locator("summary").first().click();
  await call.getByRole("button", { name: "Explain this charge" }).click();
  await expect(call.getByRole("status")).toContainText("comes to $");
  await expect(call.getByRole("status")).toContainText("as charged");
});

test("a row that outlived the answer it came with still copies its reference @javascript", async ({
  customer,
  context,
  topUp,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await topUp.buy(10);
  const watching = await context.newPage();
  await watching.goto("/wallet");
  await hydrated(watching);
  const row = historyRows(watching).filter({ hasText: "$10.00" }).first();
  await row.locator("summary").first().click();
  await customer.page.bringToFront();
  await topUp.buy(25);
  await watching.bringToFront();
  await expect(historyRows(watching).filter({ hasText: "$25.00" })).toHaveCount(1);
  await row.getByRole("button", { name: "Copy" }).click();
  await expect(row.getByRole("button", { name: "Copied" })).toBeVisible();
  await expect(row.getByRole("button", { name: "Copy", exact: true })).toBeVisible();
  const copied = await watching.evaluate(() => navigator.clipboard.readText());
  await expect(row.locator("code")).toHaveText(copied);
});
