"""What a browser keeps of a visit: in the page, in its storages, in its caches and behind its back button."""

from playwright.sync_api import Page


def kept(page: Page) -> str:
    """Return all that this browser keeps or shows, as text: also what the worker for pages without network holds."""
    return str(page.evaluate(KEPT))


KEPT = """async () => {
const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
const bytes = (one) => one instanceof ArrayBuffer || ArrayBuffer.isView(one);
const text = (one) => JSON.stringify(one, (_, part) => (bytes(part) ? new TextDecoder('latin1').decode(part) : part));
const all = [document.documentElement.outerHTML, location.href, history.state, document.cookie, name];
const typed = [...document.querySelectorAll('input, textarea')].map((one) => one.value);
all.push(typed, {...localStorage}, {...sessionStorage});
for (const {name} of await indexedDB.databases()) {
  const base = await asked(indexedDB.open(name));
  for (const store of base.objectStoreNames) all.push(await asked(base.transaction(store).objectStore(store).getAll()));
  base.close();
}
for (const name of await caches.keys()) {
  const cache = await caches.open(name);
  for (const request of await cache.keys()) all.push(name, request.url, await (await cache.match(request)).text());
}
return all.map(text).join(' '); }"""


def cached(page: Page) -> list[str]:
    """Return the addresses of what the worker for pages without network holds."""
    return [str(url) for url in page.evaluate(CACHED)]


CACHED = """async () => {
const all = [];
for (const name of await caches.keys()) for (const one of await (await caches.open(name)).keys()) all.push(one.url);
return all; }"""


def visited(page: Page) -> list[str]:
    """Return the addresses that the browser's back button knows."""
    history = page.context.new_cdp_session(page).send("Page.getNavigationHistory")
    return [entry["url"] for entry in history["entries"]]


def entries(page: Page) -> int:
    """Return how many requests wait to be sent."""
    return int(page.evaluate(COUNT))


COUNT = """() => new Promise((done) => { const asked = indexedDB.open('phonegrade'); asked.onsuccess = () => {
  const base = asked.result; const count = base.transaction('outbox').objectStore('outbox').count();
  count.onsuccess = () => (base.close(), done(count.result)); }; })"""
