import { hydrated } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

test("the home page says what this is and leads in", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: "Create account" })).toBeVisible();
  await page.getByRole("link", { name: "Sign in" }).first().click();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByRole("textbox", { name: "Email" })).toBeVisible();
});

test("an account is made by signing in for the first time", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Create account" }).first().click();
  await expect(page.getByRole("button", { name: "Send code" })).toBeVisible();
});

test("every page says that no real money moves", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByText(/no real money moves/i)).toBeVisible();
});

test("an address nobody knows is answered in words and with a way back", async ({
  page,
  complaints,
}) => {
  complaints.allow(/status of 404/);
  const answer = await page.goto("/no-such-page");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("main").getByRole("link").first()).toBeVisible();
});

test("a link within the wallet loads no new document @javascript", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await page.getByRole("link", { name: "Sign in" }).first().click();
  await expect(page.getByRole("heading", { name: "Sign in", level: 1 })).toBeFocused();
  expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
});
