import { readFileSync } from "node:fs";
import { customerPages, deskPages, openPages, purchasePages } from "../fixtures/pages.ts";
import { expect, test } from "../fixtures/test.ts";

/** The source of the app, where its routes stand. */
function source(file: string): string {
  return readFileSync(new URL(`../../app/src/${file}`, import.meta.url), "utf8");
}

/** The routes of the shell, but for those that leave what is below them to written pages. */
function routes(): string[] {
  const paths = [...source("shell.rs").matchAll(/path!\("(\/[^"*]*)"\)/g)];
  return paths.map(([, path]) => (path ?? "").replace(/:\w+/g, "*"));
}

/** The arms of a match over the segments of a path: `["account", "close"]`, `["refunds", id]`. */
function arms(text: string, above: string): string[] {
  const patterns = text.matchAll(/^ {8}((?:\[[^\]\n]*\](?: \| )?)+) =>/gm);
  const each = [...patterns].flatMap(([, arm]) => (arm ?? "").split(" | "));
  const paths = each
    .filter((pattern) => !/part:|\.\./.test(pattern))
    .map((pattern) =>
      pattern
        .slice(1, -1)
        .split(", ")
        .filter((segment) => segment !== "")
        .map((segment) => (segment.startsWith('"') ? segment.slice(1, -1) : "*")),
    );
  return [...new Set(paths.map((path) => `${above}/${path.join("/")}`.replace(/(.)\/$/, "$1")))];
}

test("no page is left out when all of them are looked at", () => {
  const known = [
    ...routes(),
    ...arms(source("written/mod.rs"), ""),
    ...arms(source("written/desk/mod.rs"), "/desk"),
  ];
  expect(known.length, "routes are found in the source").toBeGreaterThan(20);
  const looked = [
    ...openPages,
    ...customerPages,
    ...purchasePages("id"),
    ...deskPages.flatMap((colleague) => colleague.pages),
    { path: "/desk/wallets/id" },
    { path: "/desk/wallets/id/refunds/id" },
    // Looked at by its own journey: it is there once a list was sent.
    { path: "/desk/price-lists/drafts/id" },
  ].map(({ path }) => path.split("?")[0] ?? "");
  const isLooked = (route: string) => {
    const shape = new RegExp(`^${route.replaceAll("*", "[^/]+")}$`);
    return looked.some((path) => shape.test(path));
  };
  expect(known.filter((route) => !isLooked(route))).toEqual([]);
});
