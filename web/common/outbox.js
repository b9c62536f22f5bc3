// What has still to be sent. It is written down before it is sent, so that neither a reload nor a dead network loses it,
// and each entry keeps its Idempotency-Key, so that nothing counts twice.
import { openDB } from '../vendor/idb.js';
import { newKey, post, Problem, upload } from './api.js';
import { signal } from './html.js';

/**
 * @typedef {{id: string, path: string, fields: Record<string, string>, file: Blob | null, name: string,
 *   about: Record<string, any>, at: number, tries: number, body?: any}} Entry  `about` is the page's own note; an entry with
 *   a `body` is sent as JSON. A path may hold {name}, which an earlier entry of the same `about.session` gives by its
 *   `about.gives` = [name, member of the answer].
 */

const NAME = 'phonegrade';
const STORE = 'outbox';

export class Outbox {
  /** @param {(entry: Entry, answer: any) => void} onSent @param {(entry: Entry, problem: Problem) => void} onRefused */
  constructor(onSent = () => {}, onRefused = () => {}) {
    this.onSent = onSent;
    this.onRefused = onRefused;
    /** @type {import('../vendor/signals.js').Signal<Entry[]>} Oldest first. */
    this.entries = signal([]);
    /** @type {import('../vendor/signals.js').Signal<Record<string, number>>} Share that is sent, by entry. */
    this.progress = signal({});
    this.sending = false;
    this.paused = signal(false);
    /** Whether the last try had no answer. */
    this.stuck = signal(false);
    this.turns = 0;
    /** @type {Map<string, string>} What answers gave, by session and name. */
    this.given = new Map();
    /** Makes the body that is sent of the one that was kept, such as by decrypting it. @type {(body: any) => Promise<any>} */
    this.opened = async (body) => body;
  }

  /** Read what an earlier visit left, and send it. */
  async open() {
    this.database = await openDB(NAME, 1, {
      upgrade: (database) => void database.createObjectStore(STORE, { keyPath: 'id' }),
    });
    await this.refresh();
    addEventListener('online', () => this.send());
    document.addEventListener('visibilitychange', () => document.hidden || this.send());
    void this.send();
    return this;
  }

  async refresh() {
    const all = await this.database.getAll(STORE);
    this.entries.value = all.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  /** Write down what is to be sent, then send it. @param {Omit<Entry, 'id' | 'at' | 'tries'>} entry */
  async add(entry) {
    const full = { ...entry, path: this.pathOf(entry), id: newKey(), at: Date.now(), tries: 0 };
    await this.database.put(STORE, full);
    await this.refresh();
    void this.send();
    return full;
  }

  /** Forget entries, such as those of a finished session. @param {(entry: Entry) => boolean} [which] */
  async clear(which = () => true) {
    for (const entry of this.entries.value.filter(which)) await this.database.delete(STORE, entry.id);
    await this.refresh();
  }

  /** Send what there is, one after the other; several tabs take turns. */
  async send() {
    if (this.sending || this.paused.value) return;
    this.sending = true;
    const run = async () => {
      await this.refresh();
      while (this.entries.value.length && (await this.sendOne(this.entries.value[0]))) await this.refresh();
    };
    try {
      await (navigator.locks ? navigator.locks.request(`${NAME}-${STORE}`, run) : run());
    } finally {
      this.sending = false;
    }
    if (this.entries.value.length && !this.paused.value) {
      this.turns += 1;
      setTimeout(() => this.send(), Math.min(30_000, 1000 * 2 ** Math.min(this.turns, 5)));
    } else this.turns = 0;
  }

  /** @param {Entry} entry */
  sendForm(entry) {
    const form = new FormData();
    for (const [name, value] of Object.entries(entry.fields)) form.append(name, value);
    if (entry.file) form.append('photo', entry.file, entry.name);
    const onProgress = (share) => (this.progress.value = { ...this.progress.value, [entry.id]: share });
    return upload(this.pathOf(entry), form, { key: entry.id, onProgress });
  }

  /** @param {Entry} entry */
  pathOf(entry) {
    return entry.path.replace(/\{(\w+)\}/g, (_, name) => this.given.get(`${entry.about.session} ${name}`) ?? `{${name}}`);
  }

  /** Write what an answer gives into the paths of what still waits: a reload must not lose it. @param {Entry} entry @param {any} answer */
  async give(entry, answer) {
    if (!entry.about.gives) return;
    const [name, member] = entry.about.gives;
    this.given.set(`${entry.about.session} ${name}`, answer[member]);
    for (const other of await this.database.getAll(STORE)) {
      if (other.about.session === entry.about.session) await this.database.put(STORE, { ...other, path: this.pathOf(other) });
    }
  }

  /** @param {Entry} entry @returns {Promise<boolean>} whether to go on */
  async sendOne(entry) {
    try {
      const answer = entry.body === undefined ? await this.sendForm(entry) : await post(this.pathOf(entry), await this.opened(entry.body), { key: entry.id, tries: 1 });
      await this.database.delete(STORE, entry.id);
      await this.give(entry, answer);
      this.stuck.value = false;
      this.onSent(entry, answer);
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.passes) {
        await this.database.put(STORE, { ...entry, tries: entry.tries + 1 });
        this.stuck.value = true;
        return false;
      }
      if (error.status === 401) {
        this.paused.value = true; // kept until somebody signs in again
        return false;
      }
      await this.database.delete(STORE, entry.id);
      this.onRefused(entry, error);
      return true;
    }
  }
}
