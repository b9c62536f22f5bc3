// One customer at the kiosk: what has been done, what is still to be sent, and how all of it is forgotten.
import { get, newKey, post, Problem, wait } from '../common/api.js';
import { signal } from '../common/html.js';
import { Outbox } from '../common/outbox.js';
import { ROOT } from '../common/page.js';
import { opened, sealed } from './sealed.js';

export const SURFACES = ['front', 'back', 'left', 'right', 'top', 'bottom'];
/** What a case may lack that the customer gives here, in the order it is asked for. */
const STEPS = ['consent', 'number', 'model', 'tests', 'photos'];
const ANSWER_MS = 8000;
const GRADE_MS = 180_000;
const POLL_MS = 1500;

/**
 * @typedef {{session: string, step: string, caseId: string | null, asset: string | null, last4: string, device: string | null,
 *   surfaces: string[], asks: string[], wrong: boolean, finished: boolean, result: any, quote: any, elsewhere: any, retaken: boolean, retry: (() => void) | null}} Visit
 */

/** @type {() => Visit} */
const nobody = () => ({ session: '', step: 'attract', caseId: null, asset: null, last4: '', device: null, surfaces: SURFACES, asks: STEPS, wrong: false, finished: false, result: null, quote: null, elsewhere: null, retaken: false, retry: null });

/** @type {import('../vendor/signals.js').Signal<Visit>} */
export const visit = signal(nobody());
export const outbox = new Outbox(onSent, onRefused);
outbox.opened = opened;
/** @type {Map<string, Problem>} What the service refused of this visit, by the entry's name. */
const refused = new Map();

/** @param {Partial<Visit>} changes */
export const go = (changes) => (visit.value = { ...visit.value, ...changes });

/** The next step that the case lacks. @param {string} done */
export const goOn = (done) => go({ step: visit.value.asks.find((one) => STEPS.indexOf(one) > STEPS.indexOf(done)) ?? 'grading' });

function onSent(entry, answer) {
  if (entry.about.session !== visit.value.session) return;
  if (entry.about.gives?.[0] === 'case') go({ caseId: answer.case });
  if (entry.about.gives?.[0] === 'asset') go({ asset: answer.asset });
}

function onRefused(entry, problem) {
  if (entry.about.session === visit.value.session) refused.set(entry.name, problem);
}

const waiting = () => outbox.entries.value.filter((one) => one.about.session === visit.value.session);

/** Write down a request of this visit; it is sent as soon as it can be. @param {string} name @param {string} path @param {any} body @param {[string, string]} [gives] */
const note = (name, path, body, gives) => outbox.add({ path, fields: {}, file: null, name, body, about: { session: visit.value.session, gives } });

/** Whether everything of this visit has arrived within some seconds. @param {number} [ms] */
export async function arrived(ms = ANSWER_MS) {
  const ends = performance.now() + ms;
  while (waiting().length && performance.now() < ends && navigator.onLine && !(outbox.stuck.value && performance.now() > ends - ms / 2)) await wait(100);
  return !waiting().length;
}

/** The customer agrees: from here on there is a case. */
export async function begin(station) {
  refused.clear();
  go({ ...nobody(), session: newKey(), step: 'number' });
  await note('case', '/v1/cases', { journey: 'trade_in', channel: 'kiosk', consent: ['assessment'], correlation_id: visit.value.session, station }, ['case', 'case']);
}

/**
 * A case that began elsewhere goes on; what it has is asked for no more. A lost answer is asked for with the same key.
 * @param {string} token @param {string} code @param {string | undefined} station
 */
export async function claimed(token, code, station) {
  refused.clear();
  const [key, own] = [newKey(), newKey()];
  go({ ...nobody(), session: own, step: 'checking' });
  while (visit.value.session === own) {
    try {
      const taken = await post('/v1/handoffs/claim', { token, code, channel: 'kiosk', station }, { key });
      const { case: of } = await get(`/v1/cases/${taken.case}`);
      if (visit.value.session === own) take(taken, of.asset);
      return;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (!error.passes) return visit.value.session === own && go({ ...nobody(), step: 'claim', wrong: true });
      await wait(POLL_MS);
    }
  }
}

/** The customer of a case that goes on here agrees. */
export async function agreed() {
  await note('consent', '/v1/cases/{case}/consent', { consent: ['assessment'] });
  goOn('consent');
}

/** @param {any} taken @param {string | null} asset */
function take({ case: caseId, status }, asset) {
  const left = Object.fromEntries(status.missing.map((one) => [one.step, one.left]));
  const known = { case: caseId, asset };
  for (const [name, id] of Object.entries(known)) if (id) outbox.given.set(`${visit.value.session} ${name}`, id);
  const isModel = (one) => ['device', 'storage'].includes(one);
  const lacks = { consent: left.consent, number: left.identify?.some((one) => !isModel(one)), model: left.identify?.some(isModel), tests: left.test, photos: left.photograph };
  go({ caseId, asset, surfaces: left.photograph ?? [], asks: STEPS.filter((one) => lacks[one]) });
  goOn('');
}

/** The number leaves this page's memory here. @param {string} number */
export async function identified(number) {
  go({ last4: number.slice(-4), step: 'checking' });
  const body = { kind: 'imei', value: await sealed(number), source: 'typed', confirmed_by: 'customer' };
  await note('number', '/v1/cases/{case}/identifiers', body, ['asset', 'asset']);
  if (!(await arrived()) || !visit.value.asset) return goOn('number');
  try {
    const { cases } = await get(`/v1/assets/${visit.value.asset}/cases`);
    const other = cases.find((one) => one.case !== visit.value.caseId && one.journey === 'trade_in' && ['made', 'accepted'].includes(one.quote));
    if (other) return go({ step: 'elsewhere', elsewhere: other, finished: true });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
  goOn('number');
}

/** @param {string | null} device @param {number | null} storage */
export async function described(device, storage) {
  if (device) await note('device', '/v1/cases/{case}/device', { device, storage_gb: storage });
  go({ device });
  goOn('model');
}

/** A link for the customer's phone, or null without a network. */
export async function testLink() {
  if (!(await arrived()) || !visit.value.caseId) return null;
  const page = `${location.origin}${ROOT}/diagnostics`;
  return post(`/v1/cases/${visit.value.caseId}/capture-links`, { minutes: 30, page });
}

/** Whether the phone has sent its last test. */
export async function tested() {
  const { facts } = await get(`/v1/cases/${visit.value.caseId}`);
  return facts.filter((one) => one.fact === 'test_run').some((one) => one.method === 'browser' ? one.why_not.nfc : true);
}

/** @param {string} surface @param {Blob} photo */
export async function photographed(surface, photo) {
  await outbox.add({ path: '/v1/cases/{case}/photos', fields: { surface }, file: photo, name: `${surface}.jpg`, about: { session: visit.value.session } });
  const left = visit.value.surfaces.filter((one) => one !== surface);
  go({ surfaces: left, step: left.length ? 'photos' : 'grading' });
}

/** Have what is there graded and quoted; without a network the result comes later. */
export async function graded() {
  const { session } = visit.value;
  if (!(await arrived(20_000))) return later();
  try {
    const assessed = await assess(session);
    if (session !== visit.value.session) return;
    if (!assessed) return later();
    const again = assessed.revision.decision.cosmetic.surfaces.filter((one) => ['retake', 'incomplete'].includes(one.status)).map((one) => one.surface);
    if (again.length && !visit.value.retaken) return go({ surfaces: again, retaken: true, step: 'photos' });
    go({ result: { ...assessed, picture: await pictureOf(assessed.revision) }, quote: await quoted(), step: 'result' });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    later();
  }
}

export const later = () => go({ step: 'later', finished: true });

async function assess(session) {
  const ends = performance.now() + GRADE_MS;
  while (performance.now() < ends && session === visit.value.session) {
    try {
      const answer = await post(`/v1/cases/${visit.value.caseId}/assessments`, {});
      if (!answer.waiting.length) return answer;
    } catch (error) {
      if (error.status !== 409) throw error; // no photo is inspected yet
    }
    await wait(POLL_MS);
  }
  return null;
}

/** The quote, or null: a person has to make one. */
async function quoted() {
  try {
    const { outcome } = await post(`/v1/cases/${visit.value.caseId}/qualifications`, {});
    return outcome.result === 'qualified' ? await post(`/v1/cases/${visit.value.caseId}/offers`, {}) : null;
  } catch (error) {
    if (error instanceof Problem && error.status && error.status < 500) return null;
    throw error;
  }
}

/** The photo behind the rule that decided. */
async function pictureOf(revision) {
  const surface = revision.decision.reasons.find((one) => one.surface && one.defect_ids.length)?.surface ?? 'front';
  const { facts } = await get(`/v1/cases/${visit.value.caseId}`);
  const photo = facts.find((one) => one.fact === 'photo' && one.sha256 === revision.photos[surface]);
  return photo ? { id: photo.id, surface } : null;
}

/** Accept what is shown; the answer is awaited, and asked for again with the same key after any fault. */
export async function accepted() {
  const { quote } = visit.value;
  go({ step: 'accepting', finished: true }); // whoever walks away now has accepted
  await note('accept', `/v1/offers/${quote.id}/accept`, { inputs_sha256: quote.inputs_sha256 });
  while (!(await arrived()) && visit.value.step === 'accepting') await wait(POLL_MS);
  if (visit.value.step !== 'accepting') return;
  const problem = refused.get('accept');
  if (!problem) return go({ step: 'hand_over', finished: true });
  refused.delete('accept');
  go(problem.status === 412 ? { quote: await quoted(), step: 'result' } : { step: 'later', finished: true });
}

/** @param {string} text */
export async function disputed(text) {
  await note('dispute', `/v1/cases/${visit.value.caseId}/dispute`, { text });
  await arrived();
  go({ step: 'disputed', finished: true });
}

export async function handedOver() {
  await note('custody', `/v1/assets/${visit.value.asset}/custody`, { to: 'ours' });
  await arrived();
  go({ step: 'erase' });
}

export const receipt = () => get(`/v1/cases/${visit.value.caseId}/receipt`);

/** The window of a printed receipt: it goes with its customer. @type {Window | null} */
let printed = null;

/** @param {string} path */
export function print(path) {
  printed = window.open(ROOT + path, 'receipt');
}

/** Forget the customer. What a finished visit still has to send stays until it is sent; all else goes. */
export async function forget() {
  const { session, finished } = visit.value;
  visit.value = nobody();
  refused.clear();
  printed?.close();
  printed = null;
  for (const name of [...outbox.given.keys()]) if (name.startsWith(session) && session && !waitingFor(session)) outbox.given.delete(name);
  if (session && !finished) await outbox.clear((one) => one.about.session === session);
  outbox.progress.value = {};
  sessionStorage.clear();
}

const waitingFor = (session) => outbox.entries.value.some((one) => one.about.session === session);
