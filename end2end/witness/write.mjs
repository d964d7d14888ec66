// Writes what the sandbox was asked and what it answered as TypeScript, each exchange checked
// against the types of Stripe's own library with `satisfies`, which refuses excess keys too.
//
//   node witness/write.mjs FOLDER…    prints how many exchanges it wrote

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faulty, newerThanTheTypes, numbers, requestTypes, responseTypes } from "./types.mjs";

const output = new URL("../output/witness/", import.meta.url).pathname;

/** Every recorded exchange of these folders. */
function recorded(folders) {
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8"))),
  );
}

/** A form knows only text: what Stripe's types call numbers and truths is made so. */
function typed(value, key = "") {
  if (Array.isArray(value)) {
    return value.map((item) => typed(item, key));
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        key === "metadata" ? inner : typed(inner, name),
      ]),
    );
  }
  if (value === "true" || value === "false") {
    return value === "true";
  }
  return numbers.has(key) ? Number(value) : value;
}

/** A response without what the pinned types cannot know. */
function known(value, object = "") {
  if (Array.isArray(value)) {
    return value.map((item) => known(item, object));
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  const own = typeof value.object === "string" ? value.object : object;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !newerThanTheTypes.has(`${own}.${name}`))
      // Decimals are objects to the types and texts on the wire: only their place is compared.
      .map(([name, inner]) => [name, name.endsWith("_decimal") ? null : known(inner, own)]),
  );
}

/** The type of an answer: by what it says it is. */
function responseType(body) {
  if (body.error) {
    return "{ error: Stripe.StripeRawError }";
  }
  if (body.deleted) {
    return responseTypes.get(`deleted ${body.object}`);
  }
  if (body.object === "list") {
    const item = body.data[0]?.object;
    const inner = item ? responseTypes.get(item) : "never";
    return inner && `Stripe.ApiList<${inner}>`;
  }
  return responseTypes.get(body.object);
}

/** The type of a request: by where it went. */
function requestType(method, path) {
  return requestTypes.find(([wanted, pattern]) => wanted === method && pattern.test(path))?.[2];
}

const lines = ['import type Stripe from "stripe";', ""];
const unknown = new Set();
let count = 0;
for (const { method, path, request, status, response } of recorded(process.argv.slice(2))) {
  if (faulty.some((about) => about(status, response))) {
    continue;
  }
  count += 1;
  const what = `${method} ${path} ${status}`;
  const answer = responseType(response);
  if (!answer) {
    unknown.add(`${what}: an answer of type ${response.object}`);
  }
  lines.push(`// ${what}`);
  lines.push(
    `export const answer${count} = ${JSON.stringify(known(response), null, 2)} satisfies ${answer};`,
  );
  if (request && status < 400) {
    const question = requestType(method, path);
    if (!question) {
      unknown.add(`${what}: a question`);
    }
    lines.push(
      `export const question${count} = ${JSON.stringify(typed(request), null, 2)} satisfies ${question};`,
    );
  }
  lines.push("");
}
if (unknown.size > 0) {
  console.error(`witness/types.mjs knows no type for\n  ${[...unknown].join("\n  ")}`);
  process.exit(1);
}
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
writeFileSync(join(output, "exchanges.ts"), lines.join("\n"));
console.log(count);
