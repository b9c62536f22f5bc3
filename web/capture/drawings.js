// Line drawings: the silhouette to fit the phone into, and a right and a wrong photo side by side.
import { html } from '../common/html.js';

/** The wanted view, over the camera's picture. @param {{surface: string, good: boolean}} props */
export function Silhouette({ surface, good }) {
  const face = surface === 'front' || surface === 'back';
  const flat = surface === 'top' || surface === 'bottom';
  const [width, height] = face ? [72, 147] : flat ? [72, 9] : [9, 147];
  const radius = face ? 11 : 4;
  return html`
    <svg class="silhouette silhouette-${face ? 'face' : flat ? 'flat' : 'edge'} ${good ? 'silhouette-good' : ''}"
      viewBox="-2 -2 ${width + 4} ${height + 4}" aria-hidden="true">
      <rect width=${width} height=${height} rx=${radius} />
      ${surface === 'front' && html`<path d="M27 6h18" />`}
      ${surface === 'back' && html`<rect x="6" y="6" width="26" height="26" rx="7" /><circle cx="14" cy="14" r="4.5" /><circle cx="24" cy="24" r="4.5" />`}
      ${surface === 'left' && html`<path d="M4.5 30v6m0 8v12m0 6v12" />`}
      ${surface === 'right' && html`<path d="M4.5 46v20" />`}
      ${surface === 'bottom' && html`<path d="M31 4.5h10m-26 0h6m30 0h6" />`}
    </svg>`;
}

const PHONE = { x: 36, y: 14, width: 28, height: 56, rx: 5 };

/** Phone in a frame. @param {any} props further attributes of the phone */
const frame = (inside, ok) => html`
  <g class=${ok ? 'drawn-good' : 'drawn-bad'}>
    <rect class="drawn-frame" x="4" y="2" width="92" height="80" rx="6" />${inside}
    <g transform="translate(50 96)">${ok ? html`<path class="drawn-mark" d="M-6 0l4 4 8-8" />` : html`<path class="drawn-mark" d="M-5-5l10 10m0-10l-10 10" />`}</g>
  </g>`;

const phone = (more = {}) => html`<rect class="drawn-phone" ...${{ ...PHONE, ...more }} />`;

const WRONG = {
  no_device: () => html`<path class="drawn-line" d="M20 62h60M28 50h44" />`,
  no_outline: () => html`<path class="drawn-line" d="M10 20l80 50M10 45l60 36M40 4l55 36" />${phone()}`,
  cut_off: () => phone({ y: 40 }),
  low_resolution: () => phone({ x: 45, y: 34, width: 10, height: 20, rx: 2 }),
  view_mismatch: () => html`${phone()}<path class="drawn-line" d="M22 34a14 14 0 0 0 0 18m-5-4l5 4 5-5M78 52a14 14 0 0 0 0-18m5 4l-5-4-5 5" />`,
  tilted: () => html`<path class="drawn-phone" d="M42 18h16l10 52H32z" />`,
  dark: () => html`<rect class="drawn-night" x="4" y="2" width="92" height="80" rx="6" />${phone()}`,
  bright: () => html`${phone()}<path class="drawn-line" d="M50 4v6M22 16l5 5m51-5l-5 5M14 42h8m56 0h8" />`,
  clipped: () => html`${phone()}<ellipse class="drawn-glare" cx="50" cy="38" rx="9" ry="14" />`,
  blurred: () => html`${phone({ x: 32 })}${phone()}${phone({ x: 40 })}`,
};

/** A wrong and a right photo. @param {{code: string, alt: string}} props */
export function Explained({ code, alt }) {
  return html`<svg class="explained" viewBox="0 0 208 108" role="img" aria-label=${alt}>
    ${frame((WRONG[code] ?? WRONG.no_outline)(), false)}
    <g transform="translate(108 0)">${frame(phone(), true)}</g></svg>`;
}
