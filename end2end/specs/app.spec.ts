import type { Page } from "@playwright/test";
import { hydrated } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

interface Manifest {
  id: string;
  name: string;
  start_url: string;
  display: string;
  icons: { src: string; sizes: string; purpose?: string }[];
  shortcuts: { name: string; url: string }[];
  screenshots: { src: string; sizes: string; form_factor: string; label: string }[];
}

/** Waits until the service worker is in charge of the page. */
async function inCharge(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
}

test("the app can be installed @javascript", async ({ page, request }) => {
  await page.goto("/");
  const address = await page.locator('link[rel="manifest"]').getAttribute("href");
  const manifest = (await (await request.get(address ?? "")).json()) as Manifest;
  expect(manifest.name).toBe("Talkala Wallet");
  expect([manifest.id, manifest.start_url]).toEqual(["/wallet", "/wallet"]);
  expect(manifest.display).toBe("standalone");
  for (const size of ["192x192", "512x512"]) {
    expect(manifest.icons.some((icon) => icon.sizes === size)).toBe(true);
  }
  expect(manifest.icons.some((icon) => icon.purpose === "maskable")).toBe(true);
  expect(manifest.shortcuts.map((shortcut) => shortcut.name)).toContain("Add credit");
  expect(manifest.screenshots.map((picture) => picture.form_factor)).toEqual(["narrow", "wide"]);
  for (const { src, sizes } of manifest.screenshots) {
    const picture = await (await request.get(src)).body();
    expect(`${picture.readUInt32BE(16)}x${picture.readUInt32BE(20)}`, src).toBe(sizes);
  }
  for (const { src } of manifest.icons) {
    expect((await request.get(src)).status(), src).toBe(200);
  }
  // What the browser itself finds missing.
  const cdp = await page.context().newCDPSession(page);
  const { installabilityErrors } = await cdp.send("Page.getInstallabilityErrors");
  // Contexts of tests are private windows, in which nothing is ever installed.
  const errors = installabilityErrors.filter((error) => error.errorId !== "in-incognito");
  expect(errors).toEqual([]);
});

test("without a connection the app says when the balance was seen @javascript", async ({
  customer,
  page,
  context,
  topUp,
  complaints,
}) => {
  await topUp.buy(10);
  await customer.page.goto("/wallet");
  await hydrated(page);
  await inCharge(page);
  await page.reload();
  await expect(page.getByRole("region", { name: "Available balance" })).toContainText("$10.00");

  complaints.allow(/ERR_INTERNET_DISCONNECTED/);
  await context.setOffline(true);
  await page.goto("/wallet");
  await expect(page.getByRole("heading", { name: "You are offline", level: 1 })).toBeVisible();
  const seen = page.getByRole("region", { name: "Last seen balance" });
  await expect(seen).toContainText("$10.00");
  await expect(seen).toContainText(String(new Date().getFullYear()));

  // Nothing of a person is kept: neither pages nor answers.
  const kept = await page.evaluate(async () => {
    const paths: string[] = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) {
        paths.push(new URL(request.url).pathname);
      }
    }
    return paths;
  });
  expect(kept.filter((path) => !/^\/(pkg\/|offline\.|icon\.svg)/.test(path))).toEqual([]);

  // Still nothing to be had: the page stays, and can be asked again.
  const again = page.getByRole("link", { name: "Try again" });
  await again.click();
  await expect(page.getByRole("heading", { name: "You are offline", level: 1 })).toBeVisible();
  await context.setOffline(false);
  // The page loads anew by itself; a browser that has not noticed yet is asked.
  await again.click({ timeout: 2_000 }).catch(() => {});
  await expect(page.getByRole("heading", { name: "Wallet", level: 1 })).toBeVisible();
});

test("signing out forgets what was seen @javascript", async ({ customer, page }) => {
  await customer.page.goto("/wallet");
  await hydrated(page);
  await page.waitForFunction(() => localStorage.getItem("last-seen") !== null);
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page).toHaveURL(/\/$/);
  expect(await page.evaluate(() => localStorage.getItem("last-seen"))).toBeNull();
});

test("without a connection the app speaks the chosen language @javascript", async ({
  page,
  context,
  complaints,
}) => {
  await page.goto("/rates");
  await page.getByRole("contentinfo").getByRole("button", { name: "العربية" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "ar");
  await inCharge(page);
  complaints.allow(/ERR_INTERNET_DISCONNECTED/);
  await context.setOffline(true);
  await page.goto("/rates");
  await expect(page.getByRole("heading", { name: "أنت غير متصل", level: 1 })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await expect(page.getByText("You are offline")).toBeHidden();
});

test("a message to this device is shown, and leads to the wallet @javascript", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["notifications"]);
  await page.goto("/");
  await inCharge(page);
  const cdp = await context.newCDPSession(page);
  const found = new Promise<string>((resolve) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find((one) => !one.isDeleted);
      if (ours) resolve(ours.registrationId);
    });
  });
  await cdp.send("ServiceWorker.enable");
  const message = { title: "Your balance is low", body: "$4.20 is left.", url: "/wallet" };
  await cdp.send("ServiceWorker.deliverPushMessage", {
    origin: new URL(page.url()).origin,
    registrationId: await found,
    data: JSON.stringify(message),
  });
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        const shown = await registration.getNotifications();
        return shown.map(({ title, body, data }) => [title, body, (data as { url: string }).url]);
      }),
    )
    .toEqual([[message.title, message.body, message.url]]);
});
