import { baseUrl } from "../fixtures/addresses.ts";
import { Customer } from "../fixtures/customer.ts";
import {
  customerPages,
  deskCustomer,
  dress,
  hydrated,
  type Looked,
  looks,
  openPages,
  picture,
  purchasePages,
} from "../fixtures/pages.ts";
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
    test.slow();
    complaints.allow(/no-such-page.*status of 404/);
    const pictures = async (pages: readonly Looked[]) => {
      for (const { path, name } of pages) {
        await page.goto(path);
        await hydrated(page);
        await picture(page, `${name}-${label}`);
      }
    };
    await dress(page, look);
    await pictures(openPages);
    await visitor.signIn();
    await pictures(customerPages);
    await topUp.buy(25);
    await pictures(purchasePages(topUp.id()));
    await page.goto("/wallet");
    await historyRows(page).locator("summary").first().click();
    await picture(page, `wallet-in-use-${label}`);
  });
}

test("pictures of every page in Arabic @javascript", async ({
  visitor,
  page,
  topUp,
  context,
  complaints,
}) => {
  test.slow();
  complaints.allow(/no-such-page.*status of 404/);
  await visitor.signIn();
  await topUp.buy(25);
  const pages = [...openPages, ...customerPages, ...purchasePages(topUp.id())];
  await context.addCookies([{ name: "language", value: "ar", url: baseUrl }]);
  for (const look of looks.filter(({ scheme }) => scheme === "light")) {
    await dress(page, look);
    for (const { path, name } of pages) {
      await page.goto(path);
      await hydrated(page);
      await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
      await picture(page, `${name}-${look.width}-arabic`);
    }
  }
});

test("pictures of a wallet with a past and of the desk @javascript", async ({
  page,
  sandbox,
  desk,
}) => {
  test.slow();
  await Customer.called("ana@example.com", page, sandbox).signIn();
  const colleague = await desk.open("colleague@example.com");
  const customer = await deskCustomer(colleague);
  for (const look of looks) {
    const label = `${look.width}-${look.scheme}`;
    await dress(page, look);
    await page.goto("/wallet");
    await hydrated(page);
    await picture(page, `wallet-past-${label}`);
    // Those of the manifest, which stores show; they change on request, as the README's.
    if (process.env.UPDATE_SCREENSHOT === "1" && look.scheme === "light") {
      await page.evaluate(() => document.querySelector(".banner")?.remove());
      const name = look.width < 600 ? "narrow" : "wide";
      await page.screenshot({ path: `../public/screenshot-${name}.png`, animations: "disabled" });
    }
    for (const one of await historyRows(page).locator("summary").all()) {
      await one.click();
    }
    await page.screenshot({ path: `output/wallet-opened-${label}.png`, animations: "disabled" });
    await dress(colleague, look);
    await colleague.goto(customer.path);
    await picture(colleague, `${customer.name}-${label}`);
  }
});

test("the picture of the README shows the demo wallet @javascript", async ({ page, sandbox }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await Customer.called("ana@example.com", page, sandbox).signIn();
  await hydrated(page);
  await expect(page.getByRole("region", { name: "Last 30 days" })).toBeVisible();
  await expect(page.getByRole("region", { name: "History" })).toContainText("Yesterday");
  await picture(page, "readme");
  // The committed picture changes on request, not with every run.
  if (process.env.UPDATE_SCREENSHOT === "1") {
    const dismiss = page.getByRole("button", { name: /^Dismiss/ });
    for (let left = await dismiss.count(); left > 0; left -= 1) {
      await dismiss.first().click();
      await expect(dismiss).toHaveCount(left - 1);
    }
    await page.mouse.move(0, 0);
    await page.screenshot({ path: "../docs/wallet.png", animations: "disabled" });
  }
});
