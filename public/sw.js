// The app without a connection: a page that says so, and nothing that belongs to anybody.
//
// Kept are the page for being offline and built files, whose names hold their hash. Answers about a
// person are never kept: not pages, not files, not what the program asks for.

const OFFLINE = "offline-2";
const BUILT = "built-1";
const FILES = ["/offline.html", "/offline.css", "/offline.js", "/icon.svg"];
/** Built files kept at most: two versions of each. */
const MOST_BUILT = 8;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(OFFLINE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      const old = names.filter((name) => name !== OFFLINE && name !== BUILT);
      await Promise.all(old.map((name) => caches.delete(name)));
      await self.registration.navigationPreload?.enable();
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(page(event));
  } else if (pathname.startsWith("/pkg/")) {
    event.respondWith(built(request));
  } else if (FILES.includes(pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(pathname)));
  }
});

/** From the network only; without one, the page that says so. */
async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match("/offline.html")) ?? Response.error();
  }
}

/** What has its hash in its name is right for good. */
async function built(request) {
  const cache = await caches.open(BUILT);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    await cache.put(request, answer.clone());
    const names = await cache.keys();
    await Promise.all(names.slice(0, -MOST_BUILT).map((name) => cache.delete(name)));
  }
  return answer;
}

self.addEventListener("push", (event) => {
  const { title, body, url } = event.data.json();
  event.waitUntil(
    Promise.all([
      self.registration.showNotification(title, {
        body,
        data: { url },
        icon: "/icon-192.png",
        badge: "/icon-192.png",
      }),
      navigator.setAppBadge?.(),
    ]),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data.url));
});
