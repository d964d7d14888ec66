import { defineConfig } from "@playwright/test";
import { baseUrl } from "./fixtures/addresses.ts";

/** Journeys that need a running script carry this tag; the others are walked both ways. */
const needsJavaScript = /@javascript/;

/** Journeys that change the world outside for everybody walk alone, one after the other. */
const changesTheWorld = /@world/;

export default defineConfig({
  testDir: "specs",
  outputDir: "test-results",
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["json", { outputFile: "output/report.json" }]],
  use: {
    baseURL: baseUrl,
    locale: "en-US",
    timezoneId: "America/Chicago",
    viewport: { width: 1280, height: 800 },
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // Containers rarely allow the namespaces that the browser's own sandbox is made of.
      args: ["--no-sandbox"],
    },
  },
  projects: [
    {
      name: "with JavaScript",
      use: { javaScriptEnabled: true },
      grepInvert: changesTheWorld,
    },
    {
      name: "without JavaScript",
      use: { javaScriptEnabled: false },
      grepInvert: [needsJavaScript, changesTheWorld],
    },
    {
      name: "in a world at fault",
      use: { javaScriptEnabled: true },
      grep: changesTheWorld,
      workers: 1,
    },
  ],
});
