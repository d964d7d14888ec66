import type { Page } from "@playwright/test";
import { findings } from "../fixtures/axe.ts";
import { expect, test } from "../fixtures/test.ts";

/** A file of a carrier's, as text. */
async function upload(desk: Page, name: string, lines: string[]): Promise<void> {
  await desk.goto("/desk/price-lists");
  const text = ["prefix,destination,per_minute", ...lines].join("\n");
  const file = { name, mimeType: "text/csv", buffer: Buffer.from(text) };
  await desk.getByLabel("Price list", { exact: true }).setInputFiles(file);
  await desk.getByRole("button", { name: "Look at it" }).click();
  await expect(desk.getByRole("heading", { name: `Price list ${name}`, level: 1 })).toBeVisible();
}

// One price book is everybody's: the journey is walked once, with a destination of its own.
test("one bad line keeps a price list out; a good one is taken in, and taken back @javascript", async ({
  desk,
  page,
  complaints,
}) => {
  test.slow();
  const operator = await desk.open("operator@example.com");
  const many = Array.from({ length: 5_000 }, (_, at) => `88351${1_000 + at},Farland ${at},0.25`);
  many[1_233] = "883512233,Farland,a quarter";
  await upload(operator, "bad.csv", many);
  await expect(operator.getByRole("alert")).toHaveText(
    "1 line is wrong, so nothing can be taken in.",
  );
  await expect(operator.getByRole("row").filter({ hasText: "1235" })).toBeVisible();
  expect(await findings(operator), "a list with a bad line").toEqual([]);
  await expect(operator.getByRole("button", { name: "Take it in now" })).toHaveCount(0);
  await page.goto("/rates?q=Farland");
  await expect(page.getByText("$0.25")).toHaveCount(0);

  await upload(operator, "good.csv", ["8835199,Farland,0.25"]);
  await expect(operator.getByRole("row").filter({ hasText: "8835199" })).toContainText("Farland");
  await operator.getByRole("button", { name: "Take it in now" }).click();
  const newest = operator.getByRole("table").getByRole("row").nth(1);
  await expect(newest).toContainText("good.csv");
  await expect(newest).toContainText("In force");
  await page.goto("/rates?q=Farland");
  await expect(page.getByText("$0.25").first()).toBeVisible();

  complaints.allow(/status of 422/);
  await operator
    .getByRole("link", { name: /^Go back to version/ })
    .first()
    .click();
  await operator.getByRole("button", { name: /^Go back to version/ }).click();
  await expect(newest).toContainText("Back to version");
  await page.goto("/rates?q=Farland");
  await expect(page.getByText("$0.25")).toHaveCount(0);
});
