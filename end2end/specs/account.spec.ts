import { Customer } from "../fixtures/customer.ts";
import { expect, test } from "../fixtures/test.ts";

test("the account names the person and the sessions", async ({ customer, page }) => {
  await page.goto("/account");
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  await expect(page.getByText(customer.email)).toBeVisible();
  await expect(page.getByText("This one")).toBeVisible();
});

test("a session elsewhere can be ended", async ({
  customer,
  page,
  sandbox,
  elsewhere,
  complaints,
}) => {
  const otherPage = await elsewhere.newPage();
  await Customer.called(customer.email, otherPage, sandbox).signIn();

  await page.goto("/account");
  const sessions = page.getByRole("region", { name: "Sessions" }).getByRole("listitem");
  await expect(sessions).toHaveCount(2);
  await page.getByRole("button", { name: "Sign out all other sessions" }).click();
  await expect(sessions).toHaveCount(1);

  complaints.allow(/status of 401/);
  await otherPage.goto("/wallet");
  await expect(otherPage).toHaveURL(/\/sign-in/);
});

test("signing out ends the session", async ({ customer, page }) => {
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page).toHaveURL(/\/$/);
  await customer.page.goto("/wallet");
  await expect(page).toHaveURL(/\/sign-in/);
});
