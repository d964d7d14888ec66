// What a page costs a phone: Lighthouse with its mobile settings, and the wallet on a slow line and a
// slow processor. Started by `cargo xtask bench web`; the last line is JSON.

import { mkdir, writeFile } from "node:fs/promises";
import { brotliCompressSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const base = process.env.BASE_URL;
const sandbox = process.env.SANDBOX_URL;
const executablePath = process.env.CHROMIUM;
/** Beside the pictures of the journeys; what Lighthouse saw in full. */
const OUTPUT = new URL("../output/", import.meta.url);
/** Things in the history of the measured wallet. */
const ROWS = 100;
/** 1.6 Mbit/s with 150 ms, and a quarter of the processor. */
const SLOW_LINE = {
  offline: false,
  latency: 150,
  downloadThroughput: 200_000,
  uploadThroughput: 93_750,
};
const SLOWER = 4;

/** Every request comes from an address of its own: what is measured is not the limit per address. */
function address() {
  const byte = () => Math.floor(Math.random() * 250) + 1;
  return `10.${byte()}.${byte()}.${byte()}`;
}

async function ask(path, cookie, fields) {
  const headers = { "X-Forwarded-For": address(), Accept: "text/html", Referer: `${base}${path}` };
  if (cookie) headers.Cookie = cookie;
  if (fields) Object.assign(headers, { Origin: base, "Sec-Fetch-Site": "same-origin" });
  const body = fields && new URLSearchParams(fields);
  const method = fields ? "POST" : "GET";
  const answer = await fetch(`${base}${path}`, { method, headers, body, redirect: "manual" });
  const set = answer.headers.getSetCookie().find((line) => line.startsWith("__Host-session="));
  return { answer, cookie: set ? set.split(";")[0] : cookie };
}

/** Somebody who just signed in: the cookie. */
async function signIn(email) {
  const asked = await ask("/api/request_code", undefined, { email });
  let code;
  for (let tries = 0; !code && tries < 100; tries += 1) {
    const mail = await fetch(`${sandbox}/_sandbox/mail?to=${encodeURIComponent(email)}`);
    const [newest] = await mail.json();
    code = newest?.text
      .match(/\b(\d{4})[ \u00a0]?(\d{4})\b/)
      ?.slice(1)
      .join("");
    if (!code) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const signed = await ask("/api/sign_in", asked.cookie, { code, next: "" });
  return signed.cookie;
}

async function buy(cookie) {
  const page = await (await ask("/add-credit", cookie)).answer.text();
  const id = page.match(/name="top_up_id" value="([0-9a-f-]+)"/)?.[1];
  const begun = await ask("/api/start_top_up", cookie, { top_up_id: id, pack: "10" });
  const payAt = begun.answer.headers.get("location");
  if (!payAt?.includes("cs_")) throw new Error(`buy: ${begun.answer.status} ${payAt}`);
  const session = payAt.split("/").at(-1);
  const paid = await fetch(`${sandbox}/_sandbox/sessions/${session}/pay`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ card: "4242424242424242" }),
  });
  if (!paid.ok) throw new Error(`pay: ${paid.status} ${await paid.text()}`);
}

async function onASlowPhone(cookie) {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    serviceWorkers: "block",
  });
  const [name, value] = cookie.split("=");
  // A `__Host-` cookie is taken for a secure address only; browsers count this host among these.
  await context.addCookies([{ name, value, url: base.replace("http:", "https:"), secure: true }]);
  await context.addInitScript(() => {
    const start = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...parts) => {
      const started = await start(...parts);
      setTimeout(() => Object.assign(window, { hydratedAt: performance.now() }), 0);
      return started;
    };
  });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", SLOW_LINE);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.goto(`${base}/wallet`);
  await page.waitForFunction(() => "hydratedAt" in window);
  const first = await page.evaluate(() => ({
    painted_ms: Math.round(performance.getEntriesByName("first-contentful-paint")[0].startTime),
    hydrated_ms: Math.round(window.hydratedAt),
  }));
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await cdp.send("Network.emulateNetworkConditions", {
    ...SLOW_LINE,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  const navigation_ms = await page.evaluate(async () => {
    const shows = (text) =>
      new Promise((resolve) => {
        const look = () =>
          document.querySelector("h1")?.textContent?.trim() === text
            ? requestAnimationFrame(resolve)
            : requestAnimationFrame(look);
        look();
      });
    const times = [];
    for (let turn = 0; turn < 5; turn += 1) {
      let begun = performance.now();
      document.querySelector('a[href="/add-credit"]').click();
      await shows("Add credit");
      times.push(performance.now() - begun);
      begun = performance.now();
      history.back();
      await shows("Wallet");
      times.push(performance.now() - begun);
    }
    return Math.round(times.sort((a, b) => a - b).at(-1));
  });
  await browser.close();
  return { ...first, navigation_ms };
}

async function byLighthouse(cookie) {
  const chrome = await launch({
    chromePath: executablePath,
    chromeFlags: ["--headless=new", "--no-sandbox"],
  });
  const result = await lighthouse(`${base}/wallet`, {
    port: chrome.port,
    extraHeaders: { Cookie: cookie },
    onlyCategories: ["performance", "accessibility", "best-practices"],
    output: "html",
  });
  await chrome.kill();
  await mkdir(OUTPUT, { recursive: true });
  await writeFile(new URL("lighthouse.html", OUTPUT), result.report);
  console.log("Lighthouse's report: end2end/output/lighthouse.html");
  const { categories, audits } = result.lhr;
  const score = (name) => Math.round(categories[name].score * 100);
  for (const audit of Object.values(audits)) {
    if (audit.score !== null && audit.score < 0.9)
      console.log(`  ${audit.id}: ${audit.displayValue ?? audit.title}`);
  }
  return {
    performance: score("performance"),
    accessibility: score("accessibility"),
    best_practices: score("best-practices"),
    lcp_ms: Math.round(audits["largest-contentful-paint"].numericValue),
    cls: Number(audits["cumulative-layout-shift"].numericValue.toFixed(4)),
    tbt_ms: Math.round(audits["total-blocking-time"].numericValue),
  };
}

const cookie = await signIn(`bench-${Date.now()}@example.com`);
for (let row = 0; row < ROWS; row += 1) await buy(cookie);
for (let tries = 0; tries < 300; tries += 1) {
  const page = await (await ask("/wallet", cookie)).answer.text();
  if (!page.includes("Waiting for payment")) break;
  await new Promise((resolve) => setTimeout(resolve, 200));
}
const html = Buffer.from(await (await ask("/wallet", cookie)).answer.arrayBuffer());
const html_br = brotliCompressSync(html).length;
const phone = await onASlowPhone(cookie);
const lights = await byLighthouse(cookie);
console.log(JSON.stringify({ html_br, ...phone, lighthouse: lights, cookie }));
