import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { customerPages, dress, hydrated, looks, openPages } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";
import { historyRows } from "../fixtures/top-up.ts";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds against WCAG 2.2 AA, in lines a person can act on. */
async function findings(page: Page): Promise<string[]> {
  // The page's content policy forbids foreign script tags; evaluating is not bound by it.
  const { readFile } = await import("node:fs/promises");
  await page.evaluate(await readFile(axe, "utf8"));
  const results = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    return axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
  });
  return results.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${rule.help}: ${node.target.join(" ")}`),
  );
}

async function inspect(page: Page, path: string): Promise<void> {
  for (const look of looks) {
    await dress(page, look);
    await page.goto(path);
    await hydrated(page);
    const where = `${path} at ${look.width}, ${look.scheme}`;
    expect(await findings(page), where).toEqual([]);
  }
  await page.setViewportSize({ width: 320, height: 640 });
  const overflow = await page.evaluate(() => {
    const root = document.documentElement;
    return root.scrollWidth - root.clientWidth;
  });
  // Less than nothing where room is kept for a scroll bar.
  expect(overflow, `${path} scrolls sideways at 320`).toBeLessThanOrEqual(0);
}

for (const { path, name } of openPages) {
  test(`${name} can be used by everyone @javascript`, async ({ page, complaints }) => {
    complaints.allow(/no-such-page.*status of 404/);
    await inspect(page, path);
  });
}

for (const { path, name } of customerPages) {
  test(`${name} can be used by everyone @javascript`, async ({ customer, page }) => {
    await inspect(page, path);
    expect(page).toBe(customer.page);
  });
}

test("a wallet in use and its top-up can be used by everyone @javascript", async ({
  customer,
  page,
  topUp,
}) => {
  await topUp.buy(50);
  const address = new URL(page.url()).pathname;
  await inspect(page, address);
  await inspect(customer.page, "/wallet");
  await historyRows(page).locator("summary").first().click();
  expect(await findings(page), "an opened row").toEqual([]);
});
