// One screen of the kiosk: a title, at most a line, large buttons; and the watch over whether anybody is still there.
import { effect, html, signal, useEffect } from '../common/html.js';
import { announce, Button } from '../common/ui.js';
import { t } from '../common/words.js';
import { forget, visit } from './visit.js';

export const IDLE_S = 45;
export const WARN_S = 20;
/** Steps that end by themselves: the customer has nothing to touch. */
const WAITS = ['checking', 'grading'];

/** Seconds until everything is forgotten; null while somebody is there. */
export const goes = signal(/** @type {number | null} */ (null));

let quietSince = performance.now();

/** Somebody is there. */
export function stay() {
  quietSince = performance.now();
  goes.value = null;
}

/** Watch for as long as the page lives. */
export function watchIdle() {
  for (const name of ['pointerdown', 'keydown', 'touchstart']) addEventListener(name, () => goes.value === null && stay(), { capture: true });
  effect(() => void (visit.value && stay()));
  setInterval(() => {
    const quiet = (performance.now() - quietSince) / 1000;
    if (WAITS.includes(visit.value.step)) return stay();
    if (visit.value.step === 'attract' || quiet < IDLE_S) return;
    goes.value = Math.max(0, Math.ceil(IDLE_S + WARN_S - quiet));
    if (quiet >= IDLE_S + WARN_S) {
      goes.value = null;
      void forget();
    }
  }, 250);
}

/** @param {{id: string, title: string, text?: string, children?: any, lang?: string}} props */
export function Screen({ id, title, text, children, lang }) {
  useEffect(() => announce(title), [id, title]);
  return html`
    <section class="kiosk-screen" data-screen=${id}>
      <h1 lang=${lang}>${title}</h1>
      ${text && html`<p>${text}</p>`}
      <div class="kiosk-body">${children}</div>
    </section>`;
}

/** @param {{primary?: boolean, children?: any, [other: string]: any}} props */
export const KioskButton = ({ primary = false, children, ...rest }) =>
  html`<${Button} size="kiosk" kind=${primary ? 'primary' : 'secondary'} ...${rest}>${children}<//>`;

/** Over everything: the last twenty seconds. */
export function Warning() {
  if (goes.value === null) return null;
  return html`
    <div class="kiosk-warning" role="alertdialog" aria-modal="true" aria-labelledby="warning">
      <h1 id="warning">${t('kiosk.still_there')}</h1>
      <p class="kiosk-count">${goes.value}</p>
      <${KioskButton} primary autofocus onClick=${stay}>${t('kiosk.more_time')}<//>
    </div>`;
}
