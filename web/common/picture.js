// A photo with its outlines: zoomed by wheel, pinch, buttons and keys, to 8 times, about the place that is pointed at.
import { html, useEffect, useRef, useState } from './html.js';
import { t } from './words.js';

const MOST = 8;
const STEP = 1.4;

/**
 * Outlines are polygons in the photo's own pixels; the SVG has the photo's size as its viewBox and its box on the screen,
 * so that both stay together at every zoom.
 * @param {{src: string, alt: string, width: number, height: number, outlines?: {id: string, points: [number, number][],
 *   kind?: string, label?: string}[], shown?: boolean, selected?: string | null, onSelect?: (id: string) => void,
 *   children?: any}} props  `children` are drawn into the SVG, in the photo's pixels
 */
export function Picture({ src, alt, width, height, outlines = [], shown = true, selected, onSelect, children }) {
  const [view, setView] = useState({ zoom: 1, x: 0, y: 0 });
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const pointers = useRef(new Map());
  const zoomAt = (factor, x, y) => setView((now) => zoomed(now, factor, x, y, box.current));
  const middle = (factor) => {
    const { width: w, height: h } = box.current?.getBoundingClientRect() ?? { width: 0, height: 0 };
    zoomAt(factor, w / 2, h / 2);
  };
  useEffect(() => {
    const wheel = (event) => {
      event.preventDefault();
      const { left, top } = box.current.getBoundingClientRect();
      zoomAt(Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top);
    };
    box.current?.addEventListener('wheel', wheel, { passive: false });
    return () => box.current?.removeEventListener('wheel', wheel);
  }, []);
  useEffect(() => setView({ zoom: 1, x: 0, y: 0 }), [src]);
  const move = (event) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const others = [...pointers.current.entries()].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    if (others.length) {
      const far = (at) => Math.hypot(at.x - others[0].x, at.y - others[0].y);
      const { left, top } = box.current.getBoundingClientRect();
      zoomAt(far({ x: event.clientX, y: event.clientY }) / Math.max(1, far(before)), others[0].x - left, others[0].y - top);
    } else setView((now) => held({ ...now, x: now.x + event.clientX - before.x, y: now.y + event.clientY - before.y }, box.current));
  };
  const keys = (event) => {
    const pan = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[event.key];
    if (pan) setView((now) => held({ ...now, x: now.x + pan[0], y: now.y + pan[1] }, box.current));
    else if (event.key === '+' || event.key === '=') middle(STEP);
    else if (event.key === '-') middle(1 / STEP);
    else return;
    event.preventDefault();
  };
  const drop = (event) => pointers.current.delete(event.pointerId);
  return html`
    <figure class="picture">
      <div class="picture-box" ref=${box} tabindex="0" role="group" aria-label=${alt} onKeyDown=${keys}
        style=${{ aspectRatio: `${width} / ${height}` }}
        onPointerDown=${(event) => {
          box.current?.setPointerCapture(event.pointerId);
          pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
        }}
        onPointerMove=${move} onPointerUp=${drop} onPointerCancel=${drop}
        onDblClick=${(event) => {
          const { left, top } = box.current.getBoundingClientRect();
          zoomAt(view.zoom > 1 ? 1 / view.zoom : 3, event.clientX - left, event.clientY - top);
        }}>
        <div class="picture-layer" style=${{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.zoom})` }}>
          <img src=${src} alt=${alt} width=${width} height=${height} draggable=${false} />
          <svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
            ${shown && outlines.map((one) => html`<polygon key=${one.id} points=${one.points.map((at) => at.join(',')).join(' ')}
              class="outline outline-${one.kind ?? 'plain'} ${one.id === selected ? 'outline-selected' : ''}"
              onClick=${() => onSelect?.(one.id)} />`)}
            ${children}
          </svg>
        </div>
      </div>
      <div class="picture-tools">
        <button class="button button-quiet button-round" type="button" onClick=${() => middle(1 / STEP)} disabled=${view.zoom <= 1}>
          <span aria-hidden="true">−</span><span class="unseen">${t('picture.out')}</span></button>
        <output aria-live="polite">${view.zoom.toFixed(1)}×</output>
        <button class="button button-quiet button-round" type="button" onClick=${() => middle(STEP)} disabled=${view.zoom >= MOST}>
          <span aria-hidden="true">+</span><span class="unseen">${t('picture.in')}</span></button>
      </div>
    </figure>`;
}

function zoomed(now, factor, x, y, box) {
  const zoom = Math.min(MOST, Math.max(1, now.zoom * factor));
  const grown = zoom / now.zoom;
  return held({ zoom, x: x - (x - now.x) * grown, y: y - (y - now.y) * grown }, box);
}

/** Keep the photo over its box. */
function held({ zoom, x, y }, box) {
  const { width, height } = box?.getBoundingClientRect() ?? { width: 0, height: 0 };
  return { zoom, x: Math.min(0, Math.max(width * (1 - zoom), x)), y: Math.min(0, Math.max(height * (1 - zoom), y)) };
}
