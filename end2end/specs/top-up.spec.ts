import { cards } from "../fixtures/checkout.ts";
import { Customer } from "../fixtures/customer.ts";
import { hydrated } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";
import { historyRows } from "../fixtures/top-up.ts";

const ladder = [
  { pack: 10, bonus: "0.00", added: "$10.00" },
  { pack: 25, bonus: "0.50", added: "$25.50" },
  { pack: 50, bonus: "2.50", added: "$52.50" },
  { pack: 100, bonus: "8.00", added: "$108.00" },
];

test("each pack shows what is paid, given and added before it is paid @javascript", async ({
  customer,
  page,
  topUp,
}) => {
  await customer.page.goto("/add-credit");
  await hydrated(page);
  const packs = page.getByRole("radiogroup", { name: "Amount" });
  for (const { pack, bonus, added } of ladder) {
    await packs.getByRole("radio", { name: new RegExp(`^\\$${pack}\\b`) }).check();
    await expect(topUp.figure("You pay")).toHaveText(`$${pack}.00`);
    await expect(topUp.figure("Bonus")).toContainText(bonus);
    await expect(topUp.figure("Added to your wallet")).toHaveText(added);
  }
  await page.getByRole("textbox", { name: "Custom amount" }).fill("250");
  await expect(topUp.figure("Added to your wallet")).toHaveText("$275.00");
});

test("a pack is paid and added with its bonus", async ({ customer, page, topUp }) => {
  await topUp.buy(25);
  await customer.page.goto("/wallet");
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$25.50");
});

test("a custom amount counts before a pack", async ({ customer, page, topUp, checkout }) => {
  await topUp.typeAmount("12.34");
  await topUp.continue();
  await checkout.pay(cards.good);
  await topUp.isAdded("$12.34");
  await customer.page.goto("/wallet");
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$12.34");
});

for (const amount of ["4.99", "1000.01", "5.005", "-5", "1e3", "five", "٢٥"]) {
  test(`the amount ${amount} is refused in words`, async ({
    customer,
    page,
    topUp,
    complaints,
  }) => {
    complaints.allow(/status of 4\d\d/);
    await topUp.typeAmount(amount);
    await topUp.continue();
    await expect(page.getByRole("alert").first()).toBeVisible();
    const field = page.getByRole("textbox", { name: "Custom amount" });
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field, "what was typed is still there").toHaveValue(amount);
    await customer.page.goto("/wallet");
    await expect(historyRows(page)).toHaveCount(0);
  });
}

test("no amount at all is refused in words", async ({ customer, page, topUp, complaints }) => {
  complaints.allow(/status of 4\d\d/);
  await customer.page.goto("/add-credit");
  await page.getByRole("radio", { checked: true }).evaluate((radio: HTMLInputElement) => {
    radio.checked = false;
  });
  await topUp.continue();
  await expect(page.getByRole("alert").first()).toBeVisible();
});

for (const [card, name] of [
  [cards.declined, "declined"],
  [cards.poor, "without the money"],
] as const) {
  test(`a card ${name} adds nothing, and another one then does`, async ({
    customer,
    page,
    topUp,
    checkout,
  }) => {
    await topUp.choosePack(10);
    await topUp.continue();
    await checkout.pay(card);
    await expect(checkout.refusal()).toBeVisible();
    await checkout.pay(cards.good);
    await topUp.isAdded("$10.00");
    await customer.page.goto("/wallet");
    await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$10.00");
  });
}

test("a bank that asks is answered, and the credit is added", async ({
  customer,
  page,
  topUp,
  checkout,
}) => {
  await topUp.choosePack(50);
  await topUp.continue();
  await checkout.pay(cards.threeDSecure);
  await checkout.authenticate("Complete");
  await topUp.isAdded("$50.00");
  await customer.page.goto("/wallet");
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$52.50");
});

test("a bank that is not convinced adds nothing, and one can try again", async ({
  customer,
  page,
  topUp,
  checkout,
}) => {
  await topUp.choosePack(10);
  await topUp.continue();
  await checkout.pay(cards.threeDSecure);
  await checkout.authenticate("Fail");
  await checkout.isOpen();
  await expect(checkout.refusal()).toBeVisible();
  await checkout.pay(cards.good);
  await topUp.isAdded("$10.00");
  expect(page).toBe(customer.page);
});

test("leaving the payment page leads back and adds nothing", async ({
  customer,
  page,
  topUp,
  checkout,
}) => {
  await topUp.choosePack(10);
  await topUp.continue();
  await checkout.isOpen();
  await checkout.goBack();
  await expect(page).not.toHaveURL(/\/c\/pay\//);
  await customer.page.goto("/wallet");
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$0.00");
});

test("a payment page that expires is told in words, and nothing was charged", async ({
  customer,
  page,
  topUp,
  checkout,
  sandbox,
}) => {
  await topUp.choosePack(10);
  const id = await page.locator("input[name=top_up_id]").inputValue();
  await topUp.continue();
  await checkout.isOpen();
  await sandbox.control(`sessions/${checkout.session()}/expire`);
  await customer.page.goto(`/top-ups/${id}`);
  await topUp.becomes("$10.00 not paid");
  await expect(page.getByText(/nothing was charged/i)).toBeVisible();
  await page.goto("/wallet");
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$0.00");
});

test("two tabs with one form start one top-up", async ({
  customer,
  page,
  context,
  topUp,
  checkout,
}) => {
  await topUp.choosePack(10);
  // The second tab holds the same form: the browser's memory of the page, so the same id.
  const id = await page.locator("input[name=top_up_id]").inputValue();
  const second = await context.newPage();
  await second.goto("/add-credit");
  await second.locator("input[name=top_up_id]").evaluate((input: HTMLInputElement, same) => {
    input.value = same;
  }, id);
  await second.getByRole("radio", { name: /^\$10\b/ }).check();
  await Promise.all([
    topUp.continue(),
    second.getByRole("button", { name: /^Continue to payment/ }).click(),
  ]);
  await checkout.isOpen();
  await expect(second).toHaveURL(page.url());
  await checkout.pay(cards.good);
  await topUp.isAdded("$10.00");
  await second.reload();
  await expect(second.getByText(/already paid/i)).toBeVisible();

  await customer.page.goto("/wallet");
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$10.00");
  await expect(historyRows(page)).toHaveCount(1);
});

test("the top-up of another person does not exist", async ({
  customer,
  page,
  topUp,
  sandbox,
  elsewhere,
  complaints,
}) => {
  complaints.allow(/status of 404/);
  await topUp.buy(10);
  const address = new URL(page.url()).pathname;

  const stranger = new Customer(await elsewhere.newPage(), sandbox);
  await stranger.signIn();
  const answer = await stranger.page.goto(address);
  expect(answer?.status()).toBe(404);
  await expect(stranger.page.getByText("$10.00")).toHaveCount(0);
  const receipt = await elsewhere.request.get(`${address}/receipt`, { maxRedirects: 0 });
  expect(receipt.status()).toBe(404);
  expect(page).toBe(customer.page);
});
