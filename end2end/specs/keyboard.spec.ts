import type { Locator, Page } from "@playwright/test";
import { hydrated } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";
import { historyRows } from "../fixtures/top-up.ts";

/** Goes on to a control by the Tab key alone, and presses the key that uses it. */
async function use(page: Page, control: Locator, key = "Enter"): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await control.evaluate((element) => element === document.activeElement)) {
      await page.keyboard.press(key);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not come to ${control}`);
}

test("the keyboard alone signs in, reads, filters and pays @javascript", async ({
  visitor,
  page,
  sandbox,
  topUp,
  context,
}) => {
  test.slow();
  await visitor.signIn();
  await topUp.buy(10);
  await page.goto("about:blank");
  await context.clearCookies();

  const before = (await sandbox.mail(visitor.email)).length;
  await page.goto("/sign-in");
  await hydrated(page);
  const email = page.getByRole("textbox", { name: "Email" });
  await email.press("Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.type(visitor.email);
  await page.keyboard.press("Enter");
  const code = page.getByRole("textbox", { name: "Code" });
  await expect(code).toBeVisible();
  await use(page, code, "Home");
  await page.keyboard.type(await sandbox.code(visitor.email, before));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/wallet$/);

  const summary = historyRows(page).first().locator("> summary");
  await use(page, summary);
  await expect(page.getByText("Balance after").first()).toBeVisible();

  const filter = page.locator("summary").filter({ hasText: "Filter" });
  await filter.press("Enter");
  const kind = page.getByRole("combobox", { name: "Kind" });
  await use(page, kind, "ArrowDown");
  await use(page, page.getByRole("button", { name: "Show", exact: true }));
  await expect(page).toHaveURL(/kind=/);

  await page.goto("/wallet");
  await hydrated(page);
  await use(page, page.getByRole("link", { name: "Add credit" }).first());
  await expect(page.getByRole("heading", { name: "Add credit", level: 1 })).toBeFocused();
  const packs = page.getByRole("radiogroup", { name: "Amount" }).getByRole("radio");
  await use(page, packs.nth(1), "ArrowRight");
  await expect(packs.nth(2)).toBeChecked();
  await use(page, page.getByRole("button", { name: /^Continue to payment/ }));
  await expect(page).toHaveURL(/\/c\/pay\/cs_test_/);
});

test("what was typed elsewhere and the place of the keyboard outlive a form @javascript", async ({
  customer,
  page,
}) => {
  await customer.page.goto("/account");
  await hydrated(page);
  await page.getByRole("textbox", { name: "Promo code" }).fill("TYPED-1");
  const save = page.getByRole("button", { name: "Save time zone" });
  await page.getByRole("combobox", { name: "Times are those of" }).selectOption("Asia/Kolkata");
  await save.focus();
  const written = page.waitForResponse(/load_sheet/);
  await page.keyboard.press("Enter");
  await written;
  await expect(page.getByRole("combobox", { name: "Times are those of" })).toHaveValue(
    "Asia/Kolkata",
  );
  await expect(page.getByRole("textbox", { name: "Promo code" })).toHaveValue("TYPED-1");
  await expect(save).toBeFocused();
});

test("the keyboard stays on a running call while the wallet is drawn anew @javascript", async ({
  customer,
  page,
  topUp,
}) => {
  await topUp.buy(10);
  await customer.page.goto("/call");
  await page.getByRole("textbox", { name: "Phone number" }).fill("+49 30 12345678");
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await expect(page.getByRole("timer")).toBeVisible();
  await page.goto("/wallet");
  await hydrated(page);
  const hangUp = page.getByRole("button", { name: "Hang up" });
  await hangUp.focus();
  await page.waitForResponse(/load_sheet/, { timeout: 30_000 });
  await expect(hangUp).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(hangUp).toBeHidden({ timeout: 15_000 });
});
