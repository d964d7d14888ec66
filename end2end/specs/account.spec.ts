import type { Page } from "@playwright/test";
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

test("the account moves to another address", async ({ customer, page, sandbox }) => {
  const moved = `moved-${customer.email}`;
  await page.goto("/account");
  await page.getByRole("link", { name: "Change e-mail" }).click();
  await page.getByRole("textbox", { name: "New e-mail" }).fill(moved);
  await page.getByRole("button", { name: "Send code" }).click();
  await page.getByRole("textbox", { name: "Code" }).fill(await sandbox.code(moved));
  await page.getByRole("button", { name: "Change e-mail" }).click();
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByText(moved)).toBeVisible();
  await expect
    .poll(async () => (await sandbox.mail(customer.email)).map((mail) => mail.subject))
    .toContain("The address of your Talkala Wallet was changed");
});

/** Presses the button and waits for the server's word: who leaves earlier may take the request along. */
async function saved(page: Page, button: string): Promise<void> {
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await page.getByRole("button", { name: button }).click();
  await answer;
}

test("notices and the time zone are kept as they were chosen", async ({ customer, page }) => {
  await customer.page.goto("/account");
  await page.getByRole("checkbox", { name: "Low balance" }).uncheck();
  await page.getByRole("textbox", { name: "Low balance is below" }).fill("7.50");
  await saved(page, "Save notices");
  await page.goto("/account");
  await page.getByLabel("Times are those of").selectOption("Asia/Kolkata");
  await saved(page, "Save time zone");
  await expect(async () => {
    await page.goto("/account");
    await expect(page.getByRole("checkbox", { name: "Low balance" })).not.toBeChecked();
    await expect(page.getByLabel("Low balance is below")).toHaveValue("7.5");
    await expect(page.getByLabel("Times are those of")).toHaveValue("Asia/Kolkata");
  }).toPass();
});

test("everything can be taken along, then the account is closed", async ({
  customer,
  page,
  sandbox,
}) => {
  await page.goto("/account");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export my data" }).click();
  expect((await download).suggestedFilename()).toBe("talkala-export.json");

  await page.getByRole("link", { name: "Close account" }).click();
  await page.getByRole("checkbox", { name: /^Close my account/ }).check();
  await page.getByRole("button", { name: "Close account" }).click();
  await expect(page).toHaveURL(/\/$/);
  await page.goto("/wallet");
  await expect(page).toHaveURL(/\/sign-in/);
  await expect
    .poll(async () => (await sandbox.mail(customer.email)).map((mail) => mail.subject))
    .toContain("Your Talkala Wallet is closed");
});
