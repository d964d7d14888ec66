import type { Page } from "@playwright/test";
import { hydrated } from "../fixtures/pages.ts";
import { authenticator } from "../fixtures/passkey.ts";
import { expect, test } from "../fixtures/test.ts";

async function add(page: Page): Promise<void> {
  await page.goto("/account");
  await hydrated(page);
  await page.getByRole("button", { name: "Add a passkey" }).click();
}

function list(page: Page) {
  return page.getByRole("region", { name: "Passkeys" }).getByRole("listitem");
}

test("two devices sign in without a code until they are removed @javascript", async ({
  customer,
  page,
  complaints,
}) => {
  const first = await authenticator(page);
  await add(page);
  await expect(list(page)).toHaveCount(1);

  // A device that has one already says so, and makes no second.
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByText("This device has a passkey for you already.")).toBeVisible();

  await first.cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: first.id });
  const second = await authenticator(page);
  await add(page);
  await expect(list(page)).toHaveCount(2);

  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page).toHaveURL(/\/$/);
  await page.goto("/sign-in?next=/account");
  await hydrated(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByText(customer.email)).toBeVisible();

  while ((await list(page).count()) > 0) {
    const left = await list(page).count();
    await list(page)
      .first()
      .getByRole("button", { name: /^Remove/ })
      .click();
    await expect(list(page)).toHaveCount(left - 1);
  }
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page).toHaveURL(/\/$/);
  complaints.allow(/status of 422/);
  await page.goto("/sign-in");
  await hydrated(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page.getByText("This passkey was not accepted.")).toBeVisible();
  await second.cdp.detach();
});
