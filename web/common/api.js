// The one way to ask the service: JSON in and out, errors as `Problem`, repeats with the same Idempotency-Key.
import { ROOT } from './page.js';

/** An answer that is an error, or no answer at all (`status` 0). */
export class Problem extends Error {
  /** @param {number} status @param {{code?: string, detail?: string, request_id?: string}} body @param {number} waitS */
  constructor(status, body = {}, waitS = 0) {
    super(body.detail ?? `HTTP ${status}`);
    this.name = 'Problem';
    this.status = status;
    this.code = body.code ?? (status ? 'error' : 'offline');
    this.requestId = body.request_id ?? '';
    this.waitS = waitS;
  }

  /** Whether the same request may succeed later. */
  get passes() {
    return this.status === 0 || this.status === 409 && this.code === 'still_running' || [408, 429, 502, 503, 504].includes(this.status);
  }
}

/** @typedef {{key?: string, ifMatch?: string, signal?: AbortSignal, bearer?: string, tries?: number,
 *   headers?: Record<string, string>}} Options */

/** GET. @template T @param {string} path @param {Options} [options] @returns {Promise<T>} */
export const get = (path, options = {}) => ask('GET', path, undefined, options);

/**
 * POST JSON, or a FormData. Every call is one request, however often it has to be sent.
 * @template T @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<T>}
 */
export const post = (path, body = undefined, options = {}) => ask('POST', path, body, { key: newKey(), ...options });

/** @template T @param {string} path @param {Options} [options] @returns {Promise<T>} */
export const del = (path, options = {}) => ask('DELETE', path, undefined, options);

/** An address of the service, for `src` and `href`. @param {string} path */
export const address = (path) => ROOT + path;

/**
 * The last ETag of each path, for `ifMatch`.
 * @type {Map<string, string>}
 */
export const etags = new Map();

/** @param {string} method @param {string} path @param {unknown} body @param {Options} options @returns {Promise<any>} */
async function ask(method, path, body, { tries = 3, ...options }) {
  for (let turn = 1; ; turn += 1) {
    try {
      return await once(method, path, body, options);
    } catch (error) {
      if (!(error instanceof Problem) || !error.passes || turn >= tries || options.signal?.aborted) throw error;
      await wait(Math.max(error.waitS * 1000, 400 * 2 ** (turn - 1)) * (1 + Math.random() / 4));
    }
  }
}

/** @param {string} method @param {string} path @param {unknown} body @param {Options} options */
async function once(method, path, body, { key, ifMatch, signal, bearer, headers: more }) {
  const form = body instanceof FormData;
  const headers = { ...headersFor({ key, ifMatch, bearer }), ...more };
  if (body !== undefined && !form) headers['Content-Type'] = 'application/json';
  let answer;
  try {
    const sent = body === undefined || form ? /** @type {FormData | undefined} */ (body) : JSON.stringify(body);
    answer = await fetch(ROOT + path, { method, headers, body: sent, signal, credentials: 'same-origin', redirect: 'error' });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, { detail: 'no answer' });
  }
  const tag = answer.headers.get('ETag');
  if (tag) etags.set(path, tag);
  const text = answer.status === 204 ? '' : await answer.text();
  return read(answer.status, text, Number(answer.headers.get('Retry-After') ?? 0));
}

/** @param {{key?: string, ifMatch?: string, bearer?: string}} options @returns {Record<string, string>} */
export function headersFor({ key, ifMatch, bearer }) {
  return {
    Accept: 'application/json',
    'X-Phonegrade-Page': '1',
    ...(key ? { 'Idempotency-Key': key } : {}),
    ...(ifMatch ? { 'If-Match': ifMatch } : {}),
    ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
  };
}

/** Return what an answer says, or throw it. @param {number} status @param {string} text @param {number} waitS */
export function read(status, text, waitS = 0) {
  let content;
  try {
    content = text ? JSON.parse(text) : null;
  } catch {
    content = { detail: text.slice(0, 200) };
  }
  if (status >= 400 || status === 0) throw new Problem(status, content ?? {}, waitS);
  return content;
}

/**
 * POST a form and hear how far it is: `fetch` does not say.
 * @param {string} path @param {FormData} form
 * @param {{key: string, onProgress?: (share: number) => void, signal?: AbortSignal}} options
 */
export function upload(path, form, { key, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', ROOT + path);
    for (const [name, value] of Object.entries(headersFor({ key }))) request.setRequestHeader(name, value);
    request.timeout = 120_000;
    request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    request.onload = () => {
      try {
        resolve(read(request.status, request.responseText, Number(request.getResponseHeader('Retry-After') ?? 0)));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = request.ontimeout = () => reject(new Problem(0, { detail: 'no answer' }));
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    signal?.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

/** A fresh Idempotency-Key: `randomUUID` is there on secure pages only. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (one) => one.toString(16).padStart(2, '0')).join('');
}

/** @param {number} ms @returns {Promise<void>} */
export const wait = (ms) => new Promise((done) => setTimeout(done, ms));
