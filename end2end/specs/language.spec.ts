import type { Page } from "@playwright/test";
import { findings } from "../fixtures/axe.ts";
import { hydrated, picture } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

/** Chooses a language at the foot of the page, in its own name. */
async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole("contentinfo").getByRole("button", { name }).click();
  await expect(page.getByRole("contentinfo").getByRole("button", { name })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
}

async function sidewaysAt320(page: Page): Promise<number> {
  await page.setViewportSize({ width: 320, height: 640 });
  return page.evaluate(() => {
    const root = document.documentElement;
    return root.scrollWidth - root.clientWidth;
  });
}

test("a language is chosen at the foot of a page and stays chosen", async ({ page }) => {
  await page.goto("/rates?q=mexico");
  await choose(page, "Español");
  await expect(page).toHaveURL(/\/rates\?q=mexico/);
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await expect(page.locator("html")).toHaveAttribute("dir", "ltr");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Tarifas a Mexico");
  await expect(page.getByRole("searchbox", { name: "País o número" })).toBeVisible();
  await page.goto("/sign-in");
  await expect(page.getByRole("textbox", { name: "Correo electrónico" })).toBeVisible();
});

test("a refusal is told in the language of the page", async ({ page, complaints }) => {
  complaints.allow(/status of 422/);
  await page.goto("/sign-in");
  await choose(page, "Français");
  const email = page.getByRole("textbox", { name: "E-mail" });
  await email.evaluate((field) => field.setAttribute("type", "text"));
  await email.fill("nobody");
  await page.getByRole("button", { name: "Envoyer le code" }).click();
  await expect(page.getByRole("alert")).toContainText("Saisissez une adresse e-mail");
});

test.describe("in a browser that asks for French", () => {
  test.use({ locale: "fr-FR" });

  test("a first visit is in French", async ({ page }) => {
    await page.goto("/");
    await expect(page.locator("html")).toHaveAttribute("lang", "fr");
    await expect(page.getByRole("link", { name: "Consulter les tarifs" })).toBeVisible();
  });
});

test("what a customer chose comes along to another browser", async ({
  customer,
  elsewhere,
  page,
  sandbox,
}) => {
  await choose(page, "हिन्दी");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("वॉलेट");
  const there = await elsewhere.newPage();
  const before = (await sandbox.mail(customer.email)).length;
  await there.goto("/sign-in");
  await there.getByRole("textbox", { name: "Email" }).fill(customer.email);
  await there.getByRole("button", { name: "Send code" }).click();
  await there
    .getByRole("textbox", { name: "Code" })
    .fill(await sandbox.code(customer.email, before));
  await there.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(there).toHaveURL(/\/wallet$/);
  await there.goto("/wallet");
  await expect(there.getByRole("heading", { level: 1 })).toHaveText("वॉलेट");
});

test("the way in and to a payment goes from right to left @javascript", async ({
  page,
  sandbox,
  visitor,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/sign-in");
  await choose(page, "العربية");
  await hydrated(page);
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await page.getByRole("textbox", { name: "البريد الإلكتروني" }).fill(visitor.email);
  await page.getByRole("button", { name: "إرسال الرمز" }).click();
  const code = page.getByRole("textbox", { name: "الرمز" });
  await code.fill(await sandbox.code(visitor.email));
  const [letter] = await sandbox.mail(visitor.email);
  expect(letter?.subject).toContain("هو رمزك");
  await page.getByRole("button", { name: "تسجيل الدخول", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "المحفظة" })).toBeVisible();
  expect(await findings(page), "the wallet").toEqual([]);
  await picture(page, "wallet-arabic-390");
  await page.getByRole("link", { name: "إضافة رصيد" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "إضافة رصيد" })).toBeFocused();
  await expect(page.getByRole("radiogroup", { name: "المبلغ" })).toBeVisible();
  expect(await findings(page), "adding credit").toEqual([]);
  await picture(page, "add-credit-arabic-390");
  expect(await sidewaysAt320(page), "adding credit scrolls sideways").toBeLessThanOrEqual(0);
  await page.goto("/wallet");
  expect(await sidewaysAt320(page), "the wallet scrolls sideways").toBeLessThanOrEqual(0);
});
