// A number that has to wait for the network is kept encrypted, under a key that no script can read out and that this
// browser alone has. Without Web Crypto (no https) nothing is kept: the number is sent at once or not at all.
import { openDB } from '../vendor/idb.js';

const STORE = 'key';

async function key() {
  const database = await openDB('phonegrade-kiosk', 1, { upgrade: (one) => void one.createObjectStore(STORE) });
  const known = await database.get(STORE, STORE);
  if (known) return known;
  const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  await database.put(STORE, fresh, STORE);
  return fresh;
}

/** @param {string} text */
export async function sealed(text) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await key(), new TextEncoder().encode(text));
  return { sealed: { iv, data: new Uint8Array(data) } };
}

/** Return a body whose sealed members are plain again. @param {any} body */
export async function opened(body) {
  const plain = { ...body };
  for (const [name, value] of Object.entries(body)) {
    if (!value?.sealed) continue;
    const data = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: value.sealed.iv }, await key(), value.sealed.data);
    plain[name] = new TextDecoder().decode(data);
  }
  return plain;
}
