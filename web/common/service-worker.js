// Lets a page that was open once open again without network. What the service answers below /v1 is never kept.
const HERE = new URL(self.location.href);
const RELEASE = HERE.searchParams.get('release') ?? 'unknown';
const ROOT = HERE.pathname.slice(0, HERE.pathname.lastIndexOf('/') + 1);

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('activate', (event) => {
  const old = (names) => names.filter((name) => name.startsWith('phonegrade-') && name !== `phonegrade-${RELEASE}`);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

/** What a page was made of before this script watched: the page names it. */
self.addEventListener('message', (event) => {
  const keep = async () => {
    const cache = await caches.open(`phonegrade-${RELEASE}`);
    for (const url of event.data.keep) {
      if (!(await cache.match(url, { ignoreVary: true }))) await cache.add(url).catch(() => {});
    }
  };
  event.waitUntil(keep());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== HERE.origin || !url.pathname.startsWith(ROOT)) return;
  if (url.pathname.startsWith(`${ROOT}assets/`)) event.respondWith(kept(request));
  else if (request.mode === 'navigate') event.respondWith(fresh(request));
});

/** A file's address holds its hash: the kept one is the right one. */
async function kept(request) {
  const cache = await caches.open(`phonegrade-${RELEASE}`);
  const known = await cache.match(request, { ignoreVary: true });
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

/** A page comes from the network, and from before only where there is none. */
async function fresh(request) {
  const cache = await caches.open(`phonegrade-${RELEASE}`);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(new URL(request.url).pathname, answer.clone());
    return answer;
  } catch (error) {
    const known = await cache.match(new URL(request.url).pathname, { ignoreVary: true });
    if (known) return known;
    throw error;
  }
}
