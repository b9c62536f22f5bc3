// The defects of one case while somebody judges them: values that never change, so that undoing is the value before.

/**
 * @typedef {[number, number]} Point  in pixels of the photo; pixel centres are whole numbers
 * @typedef {{id: string, kind: string, polygon: Point[], zone: string | null, length_mm: number | null,
 *   width_mm: number | null, area_mm2: number | null, confidence: number}} Defect
 * @typedef {{id: string, surface: string, sha256: string, from: Defect | null, kind: string | null, polygon: Point[],
 *   judged: boolean, outlined: boolean}} Mark  `from` is the detection, null for one that was drawn; kind null: no damage
 */

export const KINDS = ['crack', 'scratch', 'scuff', 'chip', 'dent'];

/** @param {{surface: string, sha256: string, defects: Defect[]}[]} sides @returns {Mark[]} */
export function marksOf(sides) {
  return sides.flatMap(({ surface, sha256, defects }) =>
    defects.map((defect) => ({
      id: defect.id,
      surface,
      sha256,
      from: defect,
      kind: defect.kind,
      polygon: defect.polygon,
      judged: false,
      outlined: false,
    })),
  );
}

/** @param {Mark[]} marks @param {string} id @param {string | null} kind */
export function withKind(marks, id, kind) {
  return marks.flatMap((one) => {
    if (one.id !== id) return [one];
    if (!one.from && kind === null) return []; // a drawn one that is no damage was never there
    return [{ ...one, kind, judged: true }];
  });
}

/** @param {Mark[]} marks @param {string} id @param {Point[]} polygon */
export const withOutline = (marks, id, polygon) =>
  marks.map((one) => (one.id === id ? { ...one, polygon, kind: one.kind ?? one.from?.kind ?? 'scratch', judged: true, outlined: true } : one));

/** @param {Mark[]} marks @param {{surface: string, sha256: string, kind: string, polygon: Point[]}} drawn */
export function withDrawn(marks, { surface, sha256, kind, polygon }) {
  const numbers = marks.map((one) => Number(one.id.match(/^new-(\d+)$/)?.[1] ?? 0));
  const id = `new-${Math.max(0, ...numbers) + 1}`;
  const mark = { id, surface, sha256, from: null, kind, polygon, judged: true, outlined: true };
  const last = marks.findLastIndex((one) => one.surface === surface);
  return { id, marks: [...marks.slice(0, last + 1 || marks.length), mark, ...marks.slice(last + 1 || marks.length)] };
}

/** Whether a mark differs from what was detected. @param {Mark} mark */
export const isChanged = (mark) => !mark.from || mark.outlined || mark.kind !== mark.from.kind;

/** What the service is sent: those that somebody judged, as they judged them. @param {Mark[]} marks */
export const verdictsOf = (marks) =>
  marks
    .filter((one) => one.judged)
    .map((one) => ({
      surface: one.surface,
      photo_sha256: one.sha256,
      defect_id: one.from?.id ?? null,
      polygon: one.outlined && one.kind ? one.polygon : [],
      kind: one.kind,
    }));

/** The names that a grade with these marks has for them, by the marks' own. @param {Mark[]} marks @param {Record<string, number>} drawnBefore */
export function namesAfter(marks, drawnBefore) {
  const count = { ...drawnBefore };
  return Object.fromEntries(
    marks.map((one) => {
      if (one.from) return [one.id, one.id];
      count[one.sha256] = (count[one.sha256] ?? 0) + 1;
      return [one.id, `${one.surface}-drawn-${count[one.sha256]}`];
    }),
  );
}

/** @param {Point[]} polygon @returns {{x: number, y: number, width: number, height: number}} */
export function boxOf(polygon) {
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
