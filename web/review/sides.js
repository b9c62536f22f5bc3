// The sides of a phone: which is shown, which were looked at for long enough, and the picture beside.
import { html, useEffect, useState } from '../common/html.js';
import { Icon } from '../common/ui.js';
import { ago, number, t } from '../common/words.js';
import { decoded } from './desk.js';
import { Viewer } from './viewer.js';

const LOOK_MS = 1000;

/** The sides that were not shown for a second yet. @param {any[]} sides @param {any} side @returns {string[]} */
export function useSeen(sides, side) {
  const [seen, setSeen] = useState(/** @type {string[]} */ ([]));
  useEffect(() => {
    if (seen.includes(side.surface)) return undefined;
    let shownMs = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      if (!document.hidden) shownMs += now - last;
      last = now;
      if (shownMs >= LOOK_MS) setSeen((before) => (before.includes(side.surface) ? before : [...before, side.surface]));
    }, 100);
    return () => clearInterval(timer);
  }, [side.surface, seen]);
  return sides.map((one) => one.surface).filter((surface) => !seen.includes(surface));
}

/** @param {{sides: any[], at: number, marks: any[], unseen: string[], onPick: (index: number) => void}} props */
export function Strip({ sides, at, marks, unseen, onPick }) {
  return html`
    <ul class="strip" aria-label=${t('review.sides')}>
      ${sides.map((one, index) => {
        const count = marks.filter((mark) => mark.surface === one.surface && mark.kind).length;
        const seen = !unseen.includes(one.surface);
        return html`<li key=${one.surface}>
          <button type="button" aria-current=${index === at ? 'true' : undefined} onClick=${() => onPick(index)}>
            <img src=${one.src} alt="" loading="eager" />
            <span>${t(`phone.surface_${one.surface}`)}</span>
            ${count > 0 && html`<span class="strip-count">${number(count)}<span class="unseen"> ${t('review.defects')}</span></span>`}
            <span class=${`strip-seen ${seen ? 'strip-done' : ''}`}><${Icon} name=${seen ? 'check' : 'eye'} label=${t(seen ? 'review.seen' : 'review.not_seen')} /></span>
          </button></li>`;
      })}
    </ul>`;
}

/** Another view of what is judged: of this visit, or of an earlier one. @param {{side: any, compare: boolean, earlier: any[]}} props */
export function Beside({ side, compare, earlier }) {
  const [loaded, setLoaded] = useState(/** @type {any} */ (null));
  const wanted = compare ? (earlier[0] ?? null) : side.other;
  useEffect(() => {
    let current = true;
    if (wanted && !wanted.width) void decoded(wanted).then(() => current && setLoaded(wanted.src));
    return () => void (current = false);
  }, [wanted?.src]);
  const surface = t(`phone.surface_${compare ? side.surface : (side.other?.surface ?? side.surface)}`);
  const title = compare ? t('review.earlier') : side.other?.surface === side.surface ? t('review.other_view') : surface;
  return html`
    <section class="beside" aria-label=${t('review.beside', { what: title })} data-loaded=${loaded}>
      <h3>${title}${compare && wanted ? html` <span class="quiet">${t(`phone.channel_${wanted.channel}`)} · ${ago(wanted.at)}</span>` : ''}</h3>
      ${wanted?.width ? html`<${Viewer} side=${wanted} alt=${`${title}: ${surface}`} marks=${(wanted.defects ?? []).map((one) => ({ ...one, polygon: one.polygon }))} />`
        : html`<p class="quiet beside-none">${t(compare ? 'review.no_earlier' : 'review.no_other')}</p>`}
    </section>`;
}
