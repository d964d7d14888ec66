import { expect, test } from "../fixtures/test.ts";
import { figure } from "../fixtures/top-up.ts";

test("a newcomer finds the price of a pasted number without an account", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Check rates" }).click();
  await expect(page).toHaveURL(/\/rates$/);
  const search = page.getByRole("searchbox", { name: "Country or number" });
  await search.fill("+52 (55) 1234-5678");
  await search.press("Enter");
  await expect(page.getByRole("heading", { name: "A call to +52 55 1234 5678" })).toBeVisible();
  await expect(figure(page, "One minute")).toHaveText("$0.0107");
  await expect(figure(page, "Balance it needs to start")).toHaveText("$0.0107");
  for (const name of ["Destination", "Kind", "Per minute", "$10 buys"]) {
    await expect(page.getByRole("columnheader", { name, exact: true })).toBeVisible();
  }
  await page.getByRole("link", { name: "Create account" }).click();
  await expect(page.getByRole("textbox", { name: "Email" })).toBeVisible();
});

test("who comes back signs in from the prices", async ({ page }) => {
  await page.goto("/rates");
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: "Sign in" })).toHaveCount(0);
});

test("a country is found in any case and accent, and has an address of its own", async ({
  page,
}) => {
  await page.goto("/rates?q=M%C3%89XICO");
  const rows = page.getByRole("row").filter({ hasText: "Mexico" });
  await expect(rows.first()).toContainText("Landline");
  await expect(rows.first()).toContainText("934 minutes");
  await expect(rows.first()).toContainText("Billed by the minute");
  await page.goto("/rates?q=Germany");
  await expect(page).toHaveTitle(/^Rates to Germany/);
  const canonical = page.locator('link[rel="canonical"]');
  await expect(canonical).toHaveAttribute("href", /\/rates\?q=Germany$/);
  await page.goto("/rates?q=xyzzy");
  await expect(page.getByRole("status")).toContainText("Nothing is found");
});

test("rates come as one types @javascript", async ({ page }) => {
  await page.goto("/rates");
  await page.getByRole("searchbox").pressSequentially("curaçao");
  await expect(page.getByRole("row").filter({ hasText: "Curaçao" }).first()).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Mexico" })).toHaveCount(0);
  await expect(page).toHaveURL(/q=cura/);
  await expect(page.getByRole("searchbox")).toBeFocused();
});
