/** Keeps the whole site, and answers from what it kept. The build puts in the edition and the list of files. */
const edition = "quarkgrad EDITION";
/** @type {readonly string[]} */
const files = JSON.parse("FILES");
const scope = /** @type {any} */ (self);

scope.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(caches.open(edition).then((cache) => cache.addAll(files)));
  scope.skipWaiting();
});

scope.addEventListener("activate", (/** @type {any} */ event) => {
  const old = (/** @type {string} */ name) => name.startsWith("quarkgrad ") && name !== edition;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => scope.clients.claim()),
  );
});

scope.addEventListener("fetch", (/** @type {any} */ event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((kept) => kept ?? fetch(event.request)));
});
