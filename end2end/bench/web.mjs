// What a page costs a phone: Lighthouse with its mobile settings, and the wallet on a slow line and a
// slow processor. Started by `cargo xtask bench web`; the last line is JSON.

import { mkdir, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { chromium } from "@playwright/test";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const base = process.env.BASE_URL;
const sandbox = process.env.SANDBOX_URL;
const executablePath = process.env.CHROMIUM;
/** Beside the pictures of the journeys; what Lighthouse saw in full. */
const OUTPUT = new URL("../output/", import.meta.url);
/** The demo customer, whom `server seed` made. */
const WHO = "ana@example.com";
/** Things in the history of the measured wallet, at least, and how many of them a page shows. */
const ROWS = 100;
const ROWS_OF_A_PAGE = 50;
/** 1.6 Mbit/s with 150 ms, and a quarter of the processor. */
const SLOW_LINE = {
  offline: false,
  latency: 150,
  downloadThroughput: 200_000,
  uploadThroughput: 93_750,
};
const SLOWER = 4;
/** How long a page may take before something is wrong, in milliseconds. */
const PATIENCE = 30_000;

async function ask(path, cookie, fields) {
  const headers = { Accept: "text/html", Referer: `${base}${path}` };
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

/** The demo customer lived for months: the first page of her history is full, and so is the next. */
async function requireRows(cookie) {
  let path = "/wallet";
  for (let rows = 0; rows < ROWS; rows += ROWS_OF_A_PAGE) {
    const page = await (await ask(path, cookie)).answer.text();
    const found = page.match(/<details [^>]*data-row=/g)?.length ?? 0;
    if (found !== ROWS_OF_A_PAGE) throw new Error(`${path}: ${found} rows`);
    const older = page.match(/href="(\/wallet\?[^"]*after=[^"]*)#history"/)?.[1];
    path = older?.replaceAll("&amp;", "&");
  }
}

/** What a browser gets of a page, as the server compressed it. */
function weight(path, cookie) {
  const headers = { Cookie: cookie, Accept: "text/html", "Accept-Encoding": "br" };
  return new Promise((resolve, reject) => {
    const request = get(`${base}${path}`, { headers }, async (answer) => {
      if (answer.headers["content-encoding"] !== "br") reject(new Error("not brotli"));
      let bytes = 0;
      for await (const part of answer) bytes += part.length;
      resolve(bytes);
    });
    request.on("error", reject);
  });
}

/** Of somebody who has been here before, so that the time zone is known. */
function cookies(cookie) {
  const [name, value] = cookie.split("=");
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [
    // A `__Host-` cookie is taken for a secure address only; browsers count this host among these.
    { name, value, url: base.replace("http:", "https:"), secure: true },
    { name: "time_zone", value: time_zone, url: base },
  ];
}

async function onASlowPhone(cookie) {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    serviceWorkers: "block",
  });
  await context.addCookies(cookies(cookie));
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
  const navigation_ms = await page.evaluate(async (patience) => {
    // The title is there before what it stands above: a page is there with what one does on it.
    const shows = (selector) =>
      new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error(`no ${selector}`)), patience);
        const look = () => requestAnimationFrame(document.querySelector(selector) ? resolve : look);
        look();
      });
    const toAddCredit = '.wallet a[href="/add-credit"]';
    const times = [];
    for (let turn = 0; turn < 5; turn += 1) {
      let begun = performance.now();
      document.querySelector(toAddCredit).click();
      await shows('input[name="top_up_id"]');
      times.push(performance.now() - begun);
      begun = performance.now();
      history.back();
      await shows(toAddCredit);
      times.push(performance.now() - begun);
    }
    return Math.round(times.sort((a, b) => a - b).at(-1));
  }, PATIENCE);
  await browser.close();
  return { ...first, navigation_ms };
}

async function byLighthouse(cookie) {
  const chrome = await launch({
    chromePath: executablePath,
    chromeFlags: ["--headless=new", "--no-sandbox"],
  });
  const browser = await chromium.connectOverCDP(`http://localhost:${chrome.port}`);
  await browser.contexts()[0].addCookies(cookies(cookie));
  await browser.close();
  const result = await lighthouse(`${base}/wallet`, {
    port: chrome.port,
    // Else the session would be gone before the page is asked for.
    disableStorageReset: true,
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

/** Of each figure the median of several measurements: one alone tells of the machine's mood. */
async function median(times, measure) {
  const measured = [];
  for (let turn = 0; turn < times; turn += 1) measured.push(await measure());
  const middle = (name) =>
    measured.map((figures) => figures[name]).sort((a, b) => a - b)[Math.floor(times / 2)];
  return Object.fromEntries(Object.keys(measured[0]).map((name) => [name, middle(name)]));
}

const cookie = await signIn(WHO);
await requireRows(cookie);
const html_br = await weight("/wallet", cookie);
const phone = await median(5, () => onASlowPhone(cookie));
const lights = await median(3, () => byLighthouse(cookie));
console.log(JSON.stringify({ html_br, ...phone, lighthouse: lights, cookie }));
