import { customerPages, dress, hydrated, looks, openPages, picture } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";
import { historyRows } from "../fixtures/top-up.ts";

for (const look of looks) {
  const label = `${look.width}-${look.scheme}`;

  test(`pictures of every page, ${label} @javascript`, async ({
    visitor,
    page,
    topUp,
    complaints,
  }) => {
    complaints.allow(/no-such-page.*status of 404/);
    await dress(page, look);
    for (const { path, name } of openPages) {
      await page.goto(path);
      await hydrated(page);
      await picture(page, `${name}-${label}`);
    }
    await visitor.signIn();
    for (const { path, name } of customerPages) {
      await page.goto(path);
      await hydrated(page);
      await picture(page, `${name}-${label}`);
    }
    await topUp.buy(25);
    await picture(page, `top-up-${label}`);
    await page.goto("/wallet");
    await historyRows(page).locator("summary").first().click();
    await picture(page, `wallet-in-use-${label}`);
  });
}

test("the picture of the README shows a wallet in use @javascript", async ({
  visitor,
  page,
  topUp,
}) => {
  await page.emulateMedia({ colorScheme: "light" });
  await visitor.signIn();
  for (const dollars of [25, 10, 100]) {
    await topUp.buy(dollars);
  }
  await page.goto("/wallet");
  await hydrated(page);
  const balance = page.getByRole("region", { name: "Available balance" });
  await expect(balance).toContainText("$143.50");
  await picture(page, "readme");
  // The committed picture changes on request, not with every run.
  if (process.env.UPDATE_SCREENSHOT === "1") {
    await page.screenshot({ path: "../docs/wallet.png", animations: "disabled" });
  }
});
