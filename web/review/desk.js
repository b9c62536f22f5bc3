// What one browser has open of the review queue: the case at hand, the next one fetched beside it, and what is sent.
import { address, get, headersFor, newKey, post } from '../common/api.js';
import { PAGE, ROOT } from '../common/page.js';
import { marksOf } from './marks.js';

/** @typedef {{surface: string, sha256: string, photo: string, src: string, defects: any[], usable: boolean}} Side */

const NAME = `phonegrade-${PAGE}-desk`;
const LONGEST_MS = 90_000;

/** This tab's name: kept over a reload, and another one in a tab that was copied from this. */
async function deskName() {
  let name = sessionStorage.getItem(NAME) ?? newKey();
  if (navigator.locks && !(await held(name))) {
    name = newKey();
    await held(name);
  }
  sessionStorage.setItem(NAME, name);
  return name;
}

const held = (name) =>
  new Promise((answer) => {
    void navigator.locks.request(`${NAME}-${name}`, { ifAvailable: true }, (lock) => {
      answer(lock !== null);
      return lock ? new Promise(() => {}) : undefined; // until the tab is closed
    });
  });

const desk = deskName();

/** @param {(headers: Record<string, string>) => Promise<any>} ask */
const asDesk = async (ask) => ask({ 'X-Phonegrade-Desk': await desk });

export const queue = () => asDesk((headers) => get("/v1/reviews?limit=200", { headers }));

/** Take the next review, besides one that is open; null where nothing waits. @param {string} [besides] */
export const takeNext = (besides) =>
  asDesk((headers) => get(`/v1/reviews/next${besides ? `?besides=${besides}` : ''}`, { headers }));

/** Take a certain one, or keep it for longer. @param {string} request */
export const take = (request) => asDesk((headers) => post(`/v1/reviews/${request}/take`, {}, { headers }));

/** @param {string} request @param {any[]} defects @param {AbortSignal} signal */
export const tryOut = (request, defects, signal) =>
  asDesk((headers) => post(`/v1/reviews/${request}/trial`, { defects }, { headers, signal }));

/** @param {string} request @param {number} version @param {any} verdict */
export const give = (request, version, verdict) =>
  asDesk((headers) => post(`/v1/reviews/${request}/verdict`, verdict, { headers, ifMatch: `"${version}"` }));

/** Give a review back at once, while the page is being closed too. @param {string} request */
export const release = (request) =>
  asDesk((headers) =>
    fetch(address(`/v1/reviews/${request}/release`), {
      method: 'POST',
      keepalive: true,
      headers: { ...headersFor({ key: newKey() }), ...headers },
    }).catch(() => {}),
  );

/** Give back what this tab has open, as it is closed. @param {() => (string | undefined)[]} requests */
export function releaseOnLeave(requests) {
  let name = '';
  void desk.then((known) => (name = known));
  addEventListener('pagehide', () => {
    for (const request of requests()) {
      if (!request) continue;
      const headers = { ...headersFor({ key: newKey() }), 'X-Phonegrade-Desk': name };
      void fetch(`${ROOT}/v1/reviews/${request}/release`, { method: 'POST', keepalive: true, headers });
    }
  });
}

/** Everything that is shown of a review, its pictures decoded. @param {any} task */
export async function sheetOf(task) {
  const { case: id, assessment } = task.request;
  const [view, assessed] = await Promise.all([
    get(`/v1/cases/${id}`),
    get(`/v1/cases/${id}/assessments/${task.assessment.number}`),
  ]);
  const photos = view.facts.filter((one) => one.fact === 'photo' && one.surface && one.state !== 'erased');
  const sides = sidesOf(assessed.record, photos);
  await Promise.race([Promise.all(sides.map(decoded)), new Promise((done) => setTimeout(done, LONGEST_MS))]);
  const judged = view.facts.filter((one) => one.fact === 'judged_defect' && !one.defect_id);
  return {
    task,
    request: task.request.id,
    assessment,
    version: view.version,
    facts: view.facts,
    status: view.status,
    record: assessed.record,
    sides,
    marks: marksOf(sides),
    earlier: earlierOf(view, sides, photos),
    drawnBefore: judged.reduce((all, one) => ({ ...all, [one.photo_sha256]: (all[one.photo_sha256] ?? 0) + 1 }), {}),
    readAt: Date.now(),
  };
}

/** @param {any} record @param {any[]} photos @returns {(Side & {other: Side | null})[]} */
function sidesOf(record, photos) {
  const order = ['front', 'back', 'left', 'right', 'top', 'bottom'];
  const opposite = { front: 'back', back: 'front', left: 'right', right: 'left', top: 'bottom', bottom: 'top' };
  const side = (surface, sha256, defects) => {
    const photo = photos.findLast((one) => one.sha256 === sha256 && one.surface === surface);
    return photo && { surface, sha256, photo: photo.id, src: address(`/v1/photos/${photo.id}/image`), defects, usable: true };
  };
  const sides = order.flatMap((surface) => {
    const graded = record.inspections[surface];
    if (graded) return side(surface, graded.photo_sha256, graded.defects) ?? [];
    const last = photos.findLast((one) => one.surface === surface);
    return last ? { ...side(surface, last.sha256, []), usable: false } : [];
  });
  return sides.map((one) => {
    const view = record.views?.[one.surface]?.photos.find((other) => other.used && other.sha256 !== one.sha256 && other.inspection);
    const other = view ? side(one.surface, view.sha256, view.inspection.defects) : sides.find(({ surface }) => surface === opposite[one.surface]);
    return { ...one, other: other ?? null };
  });
}

/** The photos of earlier visits, newest first, by surface. */
function earlierOf(view, sides, photos) {
  const channels = Object.fromEntries(view.facts.filter((one) => one.fact === 'visit').map((one) => [one.id, one.channel]));
  return Object.fromEntries(
    sides.map(({ surface, sha256, photo }) => {
      const own = photos.find((one) => one.id === photo);
      const others = photos.filter((one) => one.surface === surface && one.sha256 !== sha256 && one.visit !== own?.visit);
      return [
        surface,
        others.reverse().map((one) => ({
          id: one.id,
          at: one.at,
          channel: channels[one.visit] ?? view.case.channel,
          src: address(`/v1/photos/${one.id}/image`),
        })),
      ];
    }),
  );
}

const pictures = new Map();

/** Fetch and decode a picture, and say how large it is. @param {{src: string}} side */
export async function decoded(side) {
  const picture = new Image();
  picture.src = side.src;
  pictures.set(side.src, picture); // kept, so that the browser keeps what it has decoded
  if (pictures.size > 40) pictures.delete(pictures.keys().next().value);
  await picture.decode().catch(() => {});
  return Object.assign(side, { width: picture.naturalWidth || 3, height: picture.naturalHeight || 4, failed: !picture.naturalWidth });
}

const draft = (request) => `phonegrade-draft-${request}`;

/** Keep what somebody has judged until it is sent. @param {string} request @param {any[]} marks */
export function keepDraft(request, marks) {
  try {
    sessionStorage.setItem(draft(request), JSON.stringify(marks));
  } catch {
    // a full store loses the draft alone
  }
}

/** @param {string} request @returns {any[] | null} */
export const draftOf = (request) => JSON.parse(sessionStorage.getItem(draft(request)) ?? 'null');

/** @param {string} request */
export const forgetDraft = (request) => sessionStorage.removeItem(draft(request));
