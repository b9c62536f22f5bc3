// One customer's visit to one case: what is still to be photographed, what waits to be sent, what the service said of it.
import { get, post, Problem } from '../common/api.js';
import { computed, signal } from '../common/html.js';
import { Outbox } from '../common/outbox.js';
import { session, signIn, whoAsks } from '../common/session.js';

export const SURFACES = ['front', 'back', 'left', 'right', 'top', 'bottom'];
const MEMORY = 'phonegrade.capture';
const POLL_MS = 2000;

/** @typedef {{state: 'missing' | 'queued' | 'waiting' | 'usable' | 'retake', photo?: string, flags?: string[], resolvableMm?: number}} State */

/** @type {import('../vendor/signals.js').Signal<any>} The case as the service answered it last. */
export const view = signal(null);
/** Photos that were taken in this visit, for showing. @type {import('../vendor/signals.js').Signal<Record<string, string>>} */
export const taken = signal({});
/** Retakes that the service has refused for good, by surface. @type {import('../vendor/signals.js').Signal<Record<string, string>>} */
export const refused = signal({});
export const outbox = new Outbox(sent, (entry, problem) => {
  refused.value = { ...refused.value, [entry.about.surface]: problem.code };
});
/** What was sent but is not in `view` yet. @type {import('../vendor/signals.js').Signal<string[]>} */
const justSent = signal([]);
let polling = false;

/** @type {import('../vendor/signals.js').ReadonlySignal<Record<string, State>>} */
export const states = computed(() => {
  const queued = new Set(outbox.entries.value.map((one) => one.about.surface));
  return Object.fromEntries(needed().map((one) => [one, stateOf(one, queued)]));
});

/** The surface to photograph now: what is missing first, then what is to be taken again; null where nothing is. */
export const current = computed(() => {
  const all = Object.entries(states.value);
  return (all.find(([, one]) => one.state === 'missing') ?? all.find(([, one]) => one.state === 'retake'))?.[0] ?? null;
});

/** Every fact of a kind. @param {string} kind @returns {any[]} */
const facts = (kind) => view.value?.facts.filter((one) => one.fact === kind) ?? [];

/** Whether the customer has still to agree. */
export const needsConsent = computed(() => Boolean(view.value?.status.missing.some((one) => one.step === 'consent')));

function left() {
  return view.value?.status.missing.find((one) => one.step === 'photograph')?.left ?? [];
}

function needed() {
  const there = new Set([...left(), ...facts('photo').map((one) => one.surface)]);
  return SURFACES.filter((one) => there.has(one));
}

/** @param {string} surface @param {Set<string>} queued @returns {State} */
function stateOf(surface, queued) {
  if (queued.has(surface)) return { state: 'queued' };
  if (justSent.value.includes(surface)) return { state: 'waiting' };
  const photos = facts('photo').filter((one) => one.surface === surface);
  const last = photos[photos.length - 1];
  if (!last) return refused.value[surface] ? { state: 'retake', flags: [refused.value[surface]] } : { state: 'missing' };
  const answers = facts('inspected').filter((one) => one.photo_sha256 === last.sha256);
  const resolvableMm = answers.map((one) => one.resolvable_mm).find(Boolean);
  if (!left().includes(surface)) return { state: 'usable', photo: last.id, resolvableMm };
  if (refused.value[surface]) return { state: 'retake', photo: last.id, flags: [refused.value[surface]] };
  if (!answers.length) return { state: 'waiting', photo: last.id };
  const flags = answers.flatMap((one) => [...one.retake_on, ...(one.problem ? [one.problem] : [])]);
  return { state: 'retake', photo: last.id, flags };
}

/**
 * Begin: by the token of a link, which stands after the # and is exchanged for a session, or by a session that is there.
 * A key that opens more than one case has `case=ID` beside it.
 * Without network an earlier visit goes on with what it knew.
 */
export async function open() {
  const fragment = location.hash.slice(1);
  try {
    if (fragment.startsWith('pg_')) {
      history.replaceState(null, '', location.pathname + location.search); // the token stays in no history
      await signIn(fragment.split('&')[0]);
    } else await whoAsks();
    if (session.value === null) return;
    const named = new URLSearchParams(fragment).get('case');
    await load(session.value?.case ?? named ?? remembered()?.case);
  } catch (problem) {
    const before = remembered();
    if (!(problem instanceof Problem) || problem.status !== 0 || !before) throw problem;
    view.value = before.view;
    justSent.value = before.sent;
  }
  await outbox.open();
  void poll();
}

async function load(caseId) {
  if (!caseId) throw new Problem(404, { code: 'no_case', detail: 'no case' });
  view.value = await get(`/v1/cases/${encodeURIComponent(caseId)}`);
  justSent.value = [];
  remember();
}

function remember() {
  const { case: one, status, facts: all } = view.value;
  const kept = all.filter((fact) => ['photo', 'inspected'].includes(fact.fact));
  const sent = justSent.value;
  const shown = { case: { id: one.id }, status: { missing: status.missing }, facts: kept };
  localStorage.setItem(MEMORY, JSON.stringify({ case: one.id, view: shown, sent }));
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY) ?? 'null');
  } catch {
    return null;
  }
}

/** The customer agrees that the phone is assessed. */
export async function consent() {
  await post(`/v1/cases/${view.value.case.id}/consent`, { consent: ['assessment'] });
  await load(view.value.case.id);
}

/**
 * Keep a photo, and send it as soon as that is possible.
 * @param {string} surface @param {Blob} blob @param {string[] | null} flags null where nobody judged it @param {string[]} codes
 * @param {boolean} degraded the customer uses it against the gates
 */
export async function keep(surface, blob, flags, codes, degraded) {
  const before = states.value[surface];
  const gates = flags === null ? {} : Object.fromEntries(codes.map((code) => [code, !flags.includes(code)]));
  const fields = { surface, client_gates: JSON.stringify(gates), degraded: String(degraded) };
  if (before?.photo) fields.retake_of = before.photo;
  const extension = { 'image/png': 'png', 'image/webp': 'webp', 'image/heic': 'heic' }[blob.type] ?? 'jpg';
  const { [surface]: old, ...others } = taken.value;
  if (old) URL.revokeObjectURL(old);
  taken.value = { ...others, [surface]: URL.createObjectURL(blob) };
  const { [surface]: _, ...rest } = refused.value;
  refused.value = rest;
  const path = `/v1/cases/${view.value.case.id}/photos`;
  await outbox.add({ path, fields, file: blob, name: `${surface}.${extension}`, about: { surface } });
}

function sent(entry) {
  justSent.value = [...justSent.value, entry.about.surface];
  remember();
  void poll();
}

/** Read the case until the service has said what it thinks of every photo. */
export async function poll() {
  if (polling) return;
  polling = true;
  try {
    for (let wait = POLL_MS; ; wait = Math.min(4 * POLL_MS, wait * 1.2)) {
      const before = justSent.value;
      try {
        const answer = await get(`/v1/cases/${view.value.case.id}`, { tries: 1 });
        justSent.value = justSent.value.filter((one) => !before.includes(one));
        view.value = answer;
        remember();
      } catch (problem) {
        if (!(problem instanceof Problem) || !problem.passes) return;
      }
      if (!Object.values(states.value).some((one) => one.state === 'waiting')) return;
      await new Promise((done) => setTimeout(done, wait));
    }
  } finally {
    polling = false;
  }
}
