import { expect, test } from "../fixtures/test.ts";

test("a first sign-in opens an empty wallet", async ({ customer, page }) => {
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$0.00");
  await page.reload();
  await expect(page, "the session is kept").toHaveURL(/\/wallet$/);
  expect(customer.email).toContain("@");
});

test("a wrong code is refused in words and the right one still works", async ({
  visitor,
  page,
  sandbox,
  complaints,
}) => {
  complaints.allow(/status of 4\d\d/);
  await page.goto("/sign-in");
  await visitor.askForCode();
  const code = await sandbox.code(visitor.email);
  await visitor.typeCode(other(code));
  await expect(page.getByRole("alert")).toBeVisible();
  await visitor.typeCode(code);
  await expect(page).toHaveURL(/\/wallet$/);
});

test("after five wrong codes even the right one is refused", async ({
  visitor,
  page,
  sandbox,
  complaints,
}) => {
  complaints.allow(/status of 4\d\d/);
  await page.goto("/sign-in");
  await visitor.askForCode();
  const code = await sandbox.code(visitor.email);
  for (let attempt = 0; attempt < 5; attempt++) {
    const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
    await visitor.typeCode(other(code));
    await answered;
    await expect(page.getByRole("alert").first()).toBeVisible();
  }
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
  await visitor.typeCode(code);
  await answered;
  await expect(page.getByRole("alert").first()).toBeVisible();
  await page.goto("/wallet");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a code works in the browser that asked for it and in no other", async ({
  visitor,
  page,
  sandbox,
  elsewhere,
  complaints,
}) => {
  complaints.allow(/status of 4\d\d/);
  await page.goto("/sign-in");
  await visitor.askForCode();
  const code = await sandbox.code(visitor.email);

  const thief = await elsewhere.newPage();
  await thief.goto("/sign-in");
  await thief.getByRole("textbox", { name: "Email" }).fill(visitor.email);
  await thief.getByRole("button", { name: "Send code" }).click();
  await thief.getByRole("textbox", { name: "Code" }).fill(code);
  await thief.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(thief.getByRole("alert").first()).toBeVisible();
});

test("what is no address is refused beside its field", async ({ page, complaints }) => {
  complaints.allow(/status of 4\d\d/);
  await page.goto("/sign-in");
  // The browser's own check would keep the words of the wallet from being seen.
  await page.locator("form:has(#email)").evaluate((form: HTMLFormElement) => {
    form.noValidate = true;
  });
  await page.getByRole("textbox", { name: "Email" }).fill("nobody at nowhere");
  await page.getByRole("button", { name: "Send code" }).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Email" })).toHaveAttribute(
    "aria-invalid",
    "true",
  );
});

test("pages of one person ask to sign in and lead back", async ({ visitor, page, sandbox }) => {
  await page.goto("/add-credit");
  await expect(page).toHaveURL(/\/sign-in/);
  await visitor.askForCode();
  await visitor.typeCode(await sandbox.code(visitor.email));
  await expect(page).toHaveURL(/\/add-credit/);
});

/** Another code of eight digits. */
function other(code: string): string {
  return `${(Number(code[0]) + 1) % 10}${code.slice(1)}`;
}
