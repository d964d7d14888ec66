import { readFile } from "node:fs/promises";
import { expect, test } from "../fixtures/test.ts";
import { figure } from "../fixtures/top-up.ts";

test("a month can be taken along, and the balance asked for at any time", async ({
  customer,
  page,
  topUp,
}) => {
  await customer.page.goto("/statements");
  await expect(page.getByText("Nothing has moved yet.")).toBeVisible();
  await topUp.buy(25);
  await page.goto("/statements");
  const link = page.getByRole("link", { name: /^CSV of/ });
  await expect(link).toHaveCount(1);
  const download = page.waitForEvent("download");
  await link.click();
  const file = await readFile(await (await download).path(), "utf8");
  expect(file).toMatch(/^number,time,entry/);
  expect(file.trim().split("\n").at(-1)).toContain("25.5000");

  await page.getByLabel("As of").fill("2020-01-01T00:00");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(figure(page, "Available")).toHaveText("$0.00");
  await page.getByLabel("As of").fill("2099-01-01T00:00");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByText("This moment has not come yet.")).toBeVisible();
});
