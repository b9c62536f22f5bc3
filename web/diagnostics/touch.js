// Touch: every field of a grid, then three fingers at once.
import { html, useEffect, useRef, useState } from '../common/html.js';
import { Button } from '../common/ui.js';
import { t } from '../common/words.js';
import { found, skipped } from './results.js';
import { Frame, useCountdown, Whole } from './step.js';

export const COLUMNS = 6;
export const ROWS = 10;
const CELLS = COLUMNS * ROWS;
const FINGERS = 3;
const noTouch = () => (navigator.maxTouchPoints > 0 ? null : 'navigator.maxTouchPoints');

/**
 * Return what the fields that answered come to. A person who stops half-way has tested nothing; the fields that do not
 * answer are named by row and column from 1.
 * @param {Set<number>} touched @param {boolean} sure whether the person says that the rest does not answer
 */
export function gridResult(touched, sure) {
  const missing = [...Array(CELLS).keys()].filter((cell) => !touched.has(cell));
  if (!missing.length) return found({ touch_grid: 'pass' }, { fields: CELLS, answered: CELLS });
  if (!sure && touched.size < CELLS / 2) return skipped(['touch_grid'], 'not finished');
  const places = Object.fromEntries(missing.slice(0, 8).flatMap((cell, at) => [[`missing_${at + 1}_row`, Math.floor(cell / COLUMNS) + 1], [`missing_${at + 1}_column`, (cell % COLUMNS) + 1]]));
  return found({ touch_grid: 'fail' }, { fields: CELLS, answered: touched.size, ...places });
}

function Grid({ done, limitS }) {
  const touched = useRef(new Set());
  const layer = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [count, setCount] = useState(0);
  const finish = (sure) => done(gridResult(touched.current, sure));
  const left = useCountdown(limitS, () => finish(false));
  useEffect(() => {
    const paint = (event) => {
      event.preventDefault();
      const { left: x, top: y, width, height } = layer.current.getBoundingClientRect();
      for (const one of event.changedTouches) {
        const [column, row] = [Math.floor(((one.clientX - x) / width) * COLUMNS), Math.floor(((one.clientY - y) / height) * ROWS)];
        if (column >= 0 && column < COLUMNS && row >= 0 && row < ROWS) touched.current.add(row * COLUMNS + column);
      }
      setCount(touched.current.size);
      if (touched.current.size === CELLS) finish(true);
    };
    const options = { passive: false };
    layer.current.addEventListener('touchstart', paint, options);
    layer.current.addEventListener('touchmove', paint, options);
  }, []);
  return html`
    <${Whole} class="diagnostics-touch">
      <div class="diagnostics-grid" ref=${layer} role="img" aria-label=${t('diagnostics.touch_count', { count, all: CELLS })} data-step="touch">
        ${[...Array(CELLS).keys()].map((cell) => html`<span key=${cell} class=${touched.current.has(cell) ? 'on' : ''} />`)}
      </div>
      <div class="diagnostics-bar"><span role="status">${t('diagnostics.touch_short')} ${count}/${CELLS} · ${Math.ceil(left)}</span>
        <${Button} kind="secondary" onClick=${() => finish(true)}>${t('diagnostics.touch_dead')}<//>
        <${Button} kind="quiet" onClick=${() => done(skipped(['touch_grid']))}>${t('diagnostics.skip')}<//></div>
    <//>`;
}

function Fingers({ done, limitS }) {
  const [most, setMost] = useState(0);
  const peak = useRef(0);
  const pad = useRef(/** @type {HTMLDivElement | null} */ (null));
  const left = useCountdown(limitS, () => done(skipped(['multi_touch'], 'not finished')));
  useEffect(() => {
    const count = (event) => {
      event.preventDefault();
      peak.current = Math.max(peak.current, event.touches.length);
      setMost(peak.current);
      if (peak.current >= FINGERS) done(found({ multi_touch: 'pass' }, { fingers: peak.current, supported: navigator.maxTouchPoints }));
    };
    pad.current.addEventListener('touchstart', count, { passive: false });
  }, []);
  return html`
    <${Frame} id="fingers" left=${left} limitS=${limitS} onSkip=${() => done(skipped(['multi_touch']))}>
      <div class="diagnostics-pad" ref=${pad}><strong>${most}</strong></div>
      <${Button} kind="secondary" onClick=${() => done(found({ multi_touch: 'fail' }, { fingers: peak.current, supported: navigator.maxTouchPoints }))}>
        ${t('diagnostics.fingers_fail')}<//>
    <//>`;
}

/** @type {import('./results.js').Step[]} */
export const touchSteps = [
  { id: 'touch', limitS: 20, covers: ['touch_grid'], missing: noTouch, Screen: Grid },
  { id: 'fingers', limitS: 12, covers: ['multi_touch'], missing: noTouch, Screen: Fingers },
];
