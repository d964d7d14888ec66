import { Customer } from "../fixtures/customer.ts";
import { expect, test } from "../fixtures/test.ts";

test("what happened is told on the page and in a letter, and put away", async ({
  customer,
  page,
  sandbox,
  topUp,
}) => {
  await topUp.buy(25);
  const said = "$25.00 was added to your wallet";
  await customer.page.goto("/wallet");
  const notice = page.getByRole("region", { name: "Notice" }).filter({ hasText: said });
  await expect(notice).toContainText("A bonus of $0.50 came with it.");
  await expect
    .poll(async () => (await sandbox.mail(customer.email)).map((mail) => mail.subject))
    .toContain(said);
  const letters = await sandbox.mail(customer.email);
  const letter = letters.find((mail) => mail.subject === said);
  expect(letter?.text).toContain("A bonus of $0.50 came with it.");
  const stop = /No more letters of this kind: (\S+)/.exec(letter?.text ?? "")?.[1] ?? "";

  await notice.getByRole("button", { name: `Dismiss: ${said}` }).click();
  await expect(notice).toHaveCount(0);
  await page.reload();
  await expect(notice).toHaveCount(0);

  // The address in the letter ends letters of its kind, without a sign-in.
  await page.goto(stop);
  await page.getByRole("button").click();
  await topUp.buy(10);
  await page.goto("/wallet");
  await expect(page.getByText("$10.00 was added to your wallet").first()).toBeVisible();
  const subjects = (await sandbox.mail(customer.email)).map((mail) => mail.subject);
  expect(subjects).not.toContain("$10.00 was added to your wallet");
});

test("a sign-in from another browser is told", async ({ customer, page, sandbox, elsewhere }) => {
  await customer.page.goto("/wallet");
  await expect(page.getByText(/New sign-in from/)).toHaveCount(0);
  await Customer.called(customer.email, await elsewhere.newPage(), sandbox).signIn();
  await page.goto("/wallet");
  const notice = page.getByRole("region", { name: "Notice" });
  await expect(notice).toContainText(/New sign-in from \w+/);
  await notice.getByRole("link", { name: "See your sessions" }).click();
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  await expect
    .poll(async () => (await sandbox.mail(customer.email)).map((mail) => mail.subject).join("\n"))
    .toMatch(/New sign-in from/);
});
