// What pages do in the browser beside the program: passkeys, the installed app, messages to this
// device. Everything works without it, but for what only a browser can do.

/** What is said here, in the language of the document. */
const said = JSON.parse(document.body.dataset.said ?? "{}");

// Passkeys. Buttons say `data-passkey="sign-in"` or `data-passkey="add"`; what went wrong is said in
// the nearest `data-passkey-said`. The halves of a ceremony on the server are server functions.

const canPasskeys =
  typeof PublicKeyCredential === "function" &&
  typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function";

/** The sign-in that waits in the suggestions of the e-mail field. */
let waiting = null;

async function call(name, fields = {}) {
  const answer = await fetch(`/api/${name}`, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(fields),
  });
  const next = answer.headers.get("location");
  if (!answer.ok) {
    // A refusal may lead on: to a new sign-in.
    if (next) location.assign(next);
    throw new Error(`${name}: ${answer.status}`);
  }
  return { next, text: await answer.text() };
}

/** The name of a ceremony and what is asked stand in two lines of a JSON string. */
async function begin(name) {
  const { text } = await call(name);
  const [ceremony_id, options] = JSON.parse(text).split("\n", 2);
  return { ceremony_id, publicKey: JSON.parse(options).publicKey };
}

async function signIn(mediation, next) {
  waiting?.abort();
  const mine = new AbortController();
  waiting = mine;
  const { ceremony_id, publicKey } = await begin("begin_passkey_sign_in");
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey),
    mediation,
    signal: mine.signal,
  });
  const answer = JSON.stringify(credential);
  const done = await call("passkey_sign_in", { ceremony_id, credential: answer, next });
  location.assign(done.next ?? "/wallet");
}

async function addPasskey() {
  const { ceremony_id, publicKey } = await begin("begin_passkey");
  const credential = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey),
  });
  await call("add_passkey", { ceremony_id, credential: JSON.stringify(credential) });
  location.reload();
}

function say(near, mark, words) {
  const place = (near.closest("section, main") ?? document).querySelector(`[${mark}]`);
  if (place) place.textContent = words;
}

async function passkey(button) {
  if (!canPasskeys) {
    say(button, "data-passkey-said", said.noPasskeys);
    return;
  }
  say(button, "data-passkey-said", "");
  try {
    const next = button.dataset.next ?? new URLSearchParams(location.search).get("next") ?? "";
    await (button.dataset.passkey === "add" ? addPasskey() : signIn("optional", next));
  } catch (error) {
    // Closed by the person, or begun anew: nothing to say.
    if (error.name === "AbortError" || error.name === "NotAllowedError") return;
    const known = error.name === "InvalidStateError";
    say(button, "data-passkey-said", known ? said.passkeyKnown : said.passkeyRefused);
  }
}

/** Offers passkeys among the suggestions of the e-mail field, as soon as somebody is there. */
async function suggest(field) {
  if (!canPasskeys || waiting || !field.autocomplete.includes("webauthn")) return;
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const next = new URLSearchParams(location.search).get("next") ?? "";
  // Ends without a word when nobody takes the suggestion.
  signIn("conditional", next).catch(() => {});
}

// The installed app: what was last seen is kept for the page that shows without a connection.

const BALANCE = ".balance [aria-live]";

function keepBalance() {
  const text = document.querySelector(BALANCE)?.textContent.trim();
  if (text) localStorage.setItem("last-seen", JSON.stringify({ text, at: Date.now() }));
}

function badge() {
  if (location.pathname !== "/wallet" || !navigator.setAppBadge) return;
  const count = document.querySelectorAll(".notices li").length;
  // Refused where the app is not installed.
  (count ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => {});
}

function toast(words, action, act) {
  document.querySelector(".toast")?.remove();
  const box = document.createElement("div");
  box.className = "toast card";
  box.setAttribute("role", "status");
  const text = document.createElement("p");
  text.textContent = words;
  box.append(text);
  if (action) {
    const button = document.createElement("button");
    button.className = "text-button";
    button.type = "button";
    button.textContent = action;
    button.addEventListener("click", act);
    box.append(button);
  }
  document.body.append(box);
}

/** A new version waits until the person says so: a call is never interrupted. */
function offer(registration) {
  if (!registration.waiting || !navigator.serviceWorker.controller) return;
  toast(said.newVersion, said.loadIt, () => {
    asked = true;
    registration.waiting?.postMessage("take over");
  });
}

/** Whether the person asked for the new version. The controller changes at a sign-out too. */
let asked = false;

async function install() {
  const registration = await navigator.serviceWorker.register("/sw.js");
  offer(registration);
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", () => offer(registration));
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (asked) location.reload();
  });
}

// Messages to this device.

const keyBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

async function showPush() {
  const place = document.querySelector("p[data-push]");
  if (!place?.dataset.key || !("PushManager" in window)) return;
  const registration = await navigator.serviceWorker.ready;
  const known = await registration.pushManager.getSubscription();
  place.hidden = false;
  place.querySelector('[data-push="on"]').hidden = Boolean(known);
  place.querySelector('[data-push="off"]').hidden = !known;
}

async function push(button) {
  const registration = await navigator.serviceWorker.ready;
  const manager = registration.pushManager;
  try {
    if (button.dataset.push === "on") {
      const { key } = button.closest("[data-key]").dataset;
      const made = await manager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: keyBytes(key),
      });
      const { endpoint, keys } = made.toJSON();
      await call("push_here", { endpoint, p256dh: keys.p256dh, auth: keys.auth });
    } else {
      const known = await manager.getSubscription();
      await call("push_no_more", { endpoint: known.endpoint });
      await known.unsubscribe();
    }
    say(button, "data-push-said", "");
  } catch {
    say(button, "data-push-said", said.noMessages);
  }
  await showPush();
}

// What can be shared says where it leads: `data-share`. A click without a dialog follows the link it is.

function share(event, link) {
  if (!navigator.share) return;
  event.preventDefault();
  // Whoever closes the dialog changed their mind: nothing to say.
  navigator.share({ title: document.title, url: link.dataset.share }).catch(() => {});
}

document.addEventListener("click", (event) => {
  const shared = event.target.closest?.("a[data-share]");
  if (shared) share(event, shared);
  const asked = event.target.closest?.("button[data-passkey]");
  if (asked) passkey(asked);
  const told = event.target.closest?.("button[data-push]");
  if (told) push(told);
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches("input[autocomplete]")) suggest(event.target);
});

function look() {
  keepBalance();
  badge();
  showPush();
}
// Pages change without being loaded anew; looking now and then costs nothing.
setInterval(look, 5_000);
addEventListener("pagehide", keepBalance);
addEventListener("offline", () => toast(said.offline));
addEventListener("online", () => document.querySelector(".toast")?.remove());
if ("serviceWorker" in navigator) {
  install().then(look, () => {});
}

// The server's markup is replaced whole when there is more to say. What was typed elsewhere on the page,
// what was open and where the keyboard was go over to the new markup, by what a control is called.

/** Where the keyboard was last. */
let last = null;
/** The form that was sent last: what was typed there is used up. */
let sent = null;
addEventListener("focusin", ({ target }) => {
  last = target;
});
addEventListener(
  "submit",
  ({ target }) => {
    sent = target;
  },
  true,
);

/** The same for the same control in older and newer markup. */
function called(control) {
  const form = control.closest("form")?.getAttribute("action");
  const own = ["id", "name", "type", "href", "aria-label"].map((name) =>
    control.getAttribute(name),
  );
  // Rows have the same buttons. What opens a row says something else as things go on.
  const row = control.closest("[data-row]");
  const isSaid = /^(A|BUTTON|SUMMARY)$/.test(control.tagName) && control.parentElement !== row;
  const text = isSaid ? control.textContent : "";
  return [control.tagName, form, row?.dataset.row, ...own, text].join(" ");
}

/** Whether it holds something else than the server wrote into it. */
function isTyped(field) {
  if (field.options) {
    return [...field.options].some((option) => option.selected !== option.defaultSelected);
  }
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

function takeOver(gone) {
  const shown = document.querySelectorAll(
    ".sheet :is(a, button, input, select, textarea, summary)",
  );
  const found = (control) => [...shown].find((one) => called(one) === called(control));
  for (const node of gone) {
    for (const field of node.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      const now = isTyped(field) && field.form !== sent ? found(field) : null;
      if (now) {
        now.value = field.value;
        now.checked = field.checked;
      }
    }
    for (const summary of node.querySelectorAll("details[open] > summary")) {
      const now = found(summary);
      if (now) now.parentElement.open = true;
    }
    if (node.contains(last) && document.activeElement === document.body) {
      // What one stood on may be gone, a running call, say: then the page begins anew.
      (found(last) ?? document.querySelector("main h1"))?.focus({ preventScroll: true });
    }
  }
}

new MutationObserver((records) => {
  const ofSheets = records.filter(({ target }) => target.closest?.(".sheet"));
  const gone = ofSheets.flatMap(({ removedNodes }) => [...removedNodes]);
  takeOver(gone.filter((node) => node instanceof Element));
}).observe(document.body, { childList: true, subtree: true });
