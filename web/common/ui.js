// The parts that every page is built from. How they look stands in `style.css`, under the same names.
import { html, signal, useEffect, useId, useRef } from './html.js';
import { has, t } from './words.js';

const ICONS = {
  alert: 'M12 8v5m0 3.5v.5M10.3 3.9 2.4 17.6A2 2 0 0 0 4.1 20.6h15.8a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0Z',
  arrow: 'M5 12h14m-6-6 6 6-6 6',
  back: 'M19 12H5m6-6-6 6 6 6',
  brush: 'M20 4 10 14m-1.5-.5a4 4 0 0 0-4 4C4.500 19 3.500 20 3 20.500c1 .5 2.500.5 3.500.5a4.500 4.500 0 0 0 4.500-4.500 3 3 0 0 0-2.500-3Z',
  camera: 'M4 8h3l2-3h6l2 3h3a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1Zm8 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z',
  chart: 'M4 20h16M7 16v-5m5 5V6m5 10v-8',
  check: 'M4 12.5l5 5L20 6.5',
  close: 'M6 6l12 12M18 6L6 18',
  compare: 'M4 5h6v14H4zm10 0h6v14h-6zM12 3v18',
  cloud: 'M7 19a5 5 0 0 1-.6-9.96A6 6 0 0 1 18 8.5 4.5 4.5 0 0 1 17.5 19Z',
  eraser: 'm9 20-5-5a1.500 1.500 0 0 1 0-2L13 4a1.500 1.500 0 0 1 2 0l5 5a1.500 1.500 0 0 1 0 2l-9 9Zm-2-10 7 7M9 20h11',
  eye: 'M2 12s3.6-7 10-7 10 7 10 7-3.6 7-10 7S2 12 2 12Zm10-3a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 8v6m0-9.5v.5',
  leave: 'M14 4h4a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-4M10 8l-4 4 4 4m-4-4h9',
  light: 'M9 18h6m-5 3h4M12 3a6 6 0 0 0-4 10.5c.8.8 1 1.5 1 2.5h6c0-1 .2-1.7 1-2.5A6 6 0 0 0 12 3Z',
  offline: 'M3 3l18 18M8.5 8.6A10 10 0 0 0 4 11m4 4a5.5 5.5 0 0 1 6-1.2M12 19h.01M20 11a11 11 0 0 0-7-3.5',
  phone: 'M8 2h8a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2Zm2.5 17h3',
  polygon: 'M5 8 13 4l7 6-3 9-10 1ZM5 8v.01M13 4v.01M20 10v.01',
  pulse: 'M3 12h4l3-8 4 16 3-8h4',
  quiet: 'M4 9v6h4l5 4V5L8 9ZM17 9l4 6m0-6-4 6',
  retry: 'M4 4v6h6M20 20v-6h-6M5 15a8 8 0 0 0 14 2M19 9A8 8 0 0 0 5 7',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 5 5',
  sound: 'M4 9v6h4l5 4V5L8 9Zm12.5 0a4 4 0 0 1 0 6m2.5-9a8 8 0 0 1 0 12',
  speech: 'M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-8l-5 4v-4H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Z',
  undo: 'M8 4 4 8l4 4M4 8h10a6 6 0 0 1 0 12h-4',
  upload: 'M12 16V4m-5 5 5-5 5 5M4 20h16',
};

/** A line drawing; say `label` where no text stands beside it. @param {{name: keyof typeof ICONS, label?: string}} props */
export function Icon({ name, label }) {
  const a11y = label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' };
  return html`<svg class="icon" viewBox="0 0 24 24" ...${a11y}><path d=${ICONS[name]} /></svg>`;
}

/**
 * @param {{kind?: 'primary' | 'secondary' | 'quiet' | 'danger', size?: 'large' | 'kiosk', busy?: boolean,
 *   icon?: keyof typeof ICONS, children?: any, [other: string]: any}} props
 */
export function Button({ kind = 'secondary', size, busy = false, icon, children, href, class: more = '', ...rest }) {
  const name = `button button-${kind}${size ? ` button-${size}` : ''} ${more}`.trim();
  const inside = html`${busy ? html`<span class="spinner" aria-hidden="true" />` : icon && html`<${Icon} name=${icon} />`}
    <span>${children}</span>`;
  if (href) return html`<a class=${name} href=${href} ...${rest}>${inside}</a>`;
  return html`<button class=${name} type="button" aria-disabled=${busy} ...${rest}
    onClick=${busy ? stop : rest.onClick}>${inside}</button>`;
}

const stop = (event) => event.preventDefault();

/** A labelled input. `as` makes it a select or a textarea. @param {{label: string, hint?: string, error?: string, [other: string]: any}} props */
export function Field({ label, hint, error, as = 'input', children, ...rest }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      <${as} id=${id} aria-describedby=${described} aria-invalid=${error ? 'true' : undefined} ...${rest}>${children}<//>
      ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
      ${error && html`<p class="error" id="${id}-error" role="alert"><${Icon} name="alert" /> ${error}</p>`}
    </div>`;
}

/** A question that must be answered first; Escape and the cross close it. */
export function Dialog({ open, title, onClose, children, actions }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useEffect(() => {
    const one = dialog.current;
    if (open && !one?.open) one?.showModal();
    if (!open && one?.open) one.close();
  }, [open]);
  return html`
    <dialog ref=${dialog} class="dialog" aria-labelledby=${id} onClose=${onClose}>
      <header><h2 id=${id}>${title}</h2>
        <button class="button button-quiet button-round" type="button" onClick=${onClose}>
          <${Icon} name="close" label=${t('common.close')} /></button></header>
      <div class="dialog-body" tabindex="0">${children}</div>
      ${actions && html`<footer>${actions}</footer>`}
    </dialog>`;
}

/** One line of state in colour and words. @param {{kind?: 'info' | 'good' | 'warn' | 'bad', title?: string, children?: any, action?: any}} props */
export function Notice({ kind = 'info', title, children, action }) {
  const icon = { info: 'info', good: 'check', warn: 'alert', bad: 'alert' }[kind];
  return html`
    <div class="notice notice-${kind}">
      <${Icon} name=${icon} />
      <div>${title && html`<strong>${title}</strong>`}${children && html`<div>${children}</div>`}</div>
      ${action}
    </div>`;
}

/** @param {{kind?: 'info' | 'good' | 'warn' | 'bad' | 'plain', children?: any}} props */
export const Chip = ({ kind = 'plain', children }) => html`<span class="chip chip-${kind}">${children}</span>`;

/** Where nothing is yet. */
export const Empty = ({ icon = 'search', title, children, action }) => html`
  <div class="state"><span class="state-icon"><${Icon} name=${icon} /></span>
    <h2>${title}</h2>${children && html`<p>${children}</p>`}${action}</div>`;

/** While something comes. */
export const Loading = ({ text = t('common.loading') }) => html`
  <div class="state" role="status"><span class="spinner" aria-hidden="true" /><p>${text}</p></div>`;

/** Where something went wrong: what, and what to do. @param {{problem: any, onRetry?: () => void}} props */
export function Failure({ problem, onRetry }) {
  const offline = problem?.status === 0;
  const code = `problem.${problem?.code}`;
  const text = offline ? t('common.no_network') : has(code) ? t(code) : problem?.message;
  return html`
    <div class="state" role="alert"><span class="state-icon state-bad"><${Icon} name=${offline ? 'offline' : 'alert'} /></span>
      <h2>${t(offline ? 'common.offline' : 'common.failed')}</h2><p>${text}</p>
      ${problem?.requestId && html`<p class="hint">${t('common.request', { id: problem.requestId })}</p>`}
      ${onRetry && html`<${Button} kind="primary" icon="retry" onClick=${onRetry}>${t('common.retry')}<//>`}</div>`;
}

/** @param {{value: number, max?: number, label: string}} props */
export const Progress = ({ value, max = 1, label }) => html`
  <div class="progress" role="progressbar" aria-label=${label} aria-valuemin="0" aria-valuemax=${max} aria-valuenow=${value}>
    <span style=${{ inlineSize: `${(100 * value) / max}%` }} /></div>`;

/** @type {import('../vendor/signals.js').Signal<{id: number, text: string, kind: string}[]>} */
const toasts = signal([]);
const spoken = signal('');
let toastId = 0;

/** Show and speak a line for some seconds. @param {string} text @param {'info' | 'good' | 'warn' | 'bad'} [kind] */
export function toast(text, kind = 'info') {
  const id = (toastId += 1);
  toasts.value = [...toasts.value, { id, text, kind }];
  setTimeout(() => (toasts.value = toasts.value.filter((one) => one.id !== id)), 6000);
}

/** Let a screen reader say something that is shown already. @param {string} text */
export function announce(text) {
  spoken.value = '';
  setTimeout(() => (spoken.value = text), 50);
}

/** Where toasts and announcements appear; `start` puts it on every page. */
export const StatusRegion = () => html`
  <div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map((one) => html`<${Notice} key=${one.id} kind=${one.kind}>${one.text}<//>`)}
  </div>
  <div class="unseen" role="status" aria-live="polite" id="spoken">${spoken.value}</div>`;
