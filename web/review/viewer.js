// A photo as large as its pane, zoomed to 8 times without losing a pixel, with outlines and the tools that draw them.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../common/html.js';
import { number, t } from '../common/words.js';
import { boxOf } from './marks.js';
import { Mask } from './mask.js';

const MOST = 8;
const STEP = 1.5;
const BRUSH_PX = 14;
const PEN_STEP_PX = 6;

/**
 * @typedef {{zoom: number, x: number, y: number}} View  x and y: where the photo's first pixel is, in CSS pixels
 * @typedef {'brush' | 'eraser' | 'polygon' | null} Tool
 */

/**
 * @param {{side: any, alt: string, marks?: any[], shown?: boolean, selected?: string | null, tool?: Tool,
 *   onSelect?: (id: string) => void, onOutline?: (polygon: [number, number][], target: string | null) => void,
 *   onDone?: () => void, target?: string | null, children?: any, focusOn?: number}} props
 * `target` is the mark that a brush goes on with; `focusOn` counts the times that the selected mark is to be shown
 */
export function Viewer({ side, alt, marks = [], shown = true, selected = null, tool = null, target = null, focusOn = 0, onSelect, onOutline, onDone, children }) {
  const pane = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [view, setView] = useState(/** @type {View} */ ({ zoom: 1, x: 0, y: 0 }));
  const fit = Math.min(size.width / side.width, size.height / side.height) || 0;
  const frame = { size, side, fit };
  useLayoutEffect(() => {
    const look = () => pane.current && setSize({ width: pane.current.clientWidth, height: pane.current.clientHeight });
    const watch = new ResizeObserver(look);
    if (pane.current) watch.observe(pane.current);
    look();
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => setView(held({ zoom: 1, x: 0, y: 0 }, frame)), [side.src, size.width, size.height]);
  useLayoutEffect(() => {
    const mark = marks.find((one) => one.id === selected);
    if (focusOn && mark && fit) setView(around(boxOf(mark.polygon), frame));
  }, [focusOn, fit]);
  const zoomBy = (factor, x = size.width / 2, y = size.height / 2) => setView((now) => zoomed(now, factor, x, y, frame));
  const wheel = useRef((/** @type {WheelEvent} */ _) => {});
  wheel.current = (event) => {
    event.preventDefault();
    const { left, top } = pane.current.getBoundingClientRect();
    zoomBy(Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top);
  };
  useEffect(() => {
    const listen = (event) => wheel.current(event);
    pane.current?.addEventListener('wheel', listen, { passive: false });
    return () => pane.current?.removeEventListener('wheel', listen);
  }, []);
  const scale = fit * view.zoom;
  const pen = usePen({ tool, target, marks, side, scale, view, size, onOutline, onDone });
  const drag = useRef(/** @type {Map<number, {x: number, y: number}>} */ (new Map()));
  const at = (event) => {
    const { left, top } = pane.current.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const down = (event) => {
    const place = at(event);
    if (tool && event.button === 0) return pen.press(place), pane.current.setPointerCapture(event.pointerId);
    drag.current.set(event.pointerId, place);
  };
  const move = (event) => {
    const place = at(event);
    if (tool) return pen.move(place);
    const before = drag.current.get(event.pointerId);
    if (!before) return;
    pane.current.setPointerCapture(event.pointerId);
    drag.current.set(event.pointerId, place);
    const other = [...drag.current].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const far = (one) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
      zoomBy(far(place) / far(before), other.x, other.y);
    } else setView((now) => held({ ...now, x: now.x + place.x - before.x, y: now.y + place.y - before.y }, frame));
  };
  const up = (event) => {
    drag.current.delete(event.pointerId);
    pen.lift();
  };
  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (tool && pen.key(event)) return event.preventDefault();
    const pan = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (pan) setView((now) => held({ ...now, x: now.x + pan[0], y: now.y + pan[1] }, frame));
    else if (event.key === '+' || event.key === '=') zoomBy(STEP);
    else if (event.key === '-') zoomBy(1 / STEP);
    else return;
    event.preventDefault();
  };
  const box = { left: `${view.x}px`, top: `${view.y}px`, width: `${side.width * scale}px`, height: `${side.height * scale}px` };
  return html`
    <div class="viewer">
      <div class=${`viewer-pane ${tool ? 'viewer-drawing' : ''}`} ref=${pane} tabindex="0" role="group" aria-label=${alt} onKeyDown=${keys}
        onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up}
        onDblClick=${(event) => !tool && zoomBy(view.zoom > 1.01 ? 1 / view.zoom : 4, at(event).x, at(event).y)}>
        <img class=${scale >= 2 ? 'viewer-pixels' : ''} src=${side.src} alt="" draggable=${false} style=${box} />
        <svg viewBox=${`0 0 ${side.width} ${side.height}`} style=${box} aria-hidden="true" preserveAspectRatio="none">
          <g transform="translate(0.5 0.5)">
            ${shown && marks.map((one) => html`<polygon key=${one.id} data-mark=${one.id} points=${one.polygon.map((p) => p.join(',')).join(' ')}
              class=${`mark mark-${one.kind ?? 'none'} ${one.id === selected ? 'mark-selected' : ''}`}
              onClick=${() => !tool && onSelect?.(one.id)} />`)}
            ${pen.drawing(scale)}
          </g>
        </svg>
        ${children}
        <div class="viewer-tools">
          <button type="button" class="button button-round" onClick=${() => zoomBy(1 / STEP)} disabled=${view.zoom <= 1}>
            <span aria-hidden="true">−</span><span class="unseen">${t('picture.out')}</span></button>
          <output>${number(view.zoom, { maximumFractionDigits: 1 })}×</output>
          <button type="button" class="button button-round" onClick=${() => zoomBy(STEP)} disabled=${view.zoom >= MOST}>
            <span aria-hidden="true">+</span><span class="unseen">${t('picture.in')}</span></button>
        </div>
      </div>
    </div>`;
}

/** The pen of a tool, moved by pointer or arrow keys; places are CSS pixels of the pane. */
function usePen({ tool, target, marks, side, scale, view, size, onOutline, onDone }) {
  const [place, setPlace] = useState(/** @type {{x: number, y: number} | null} */ (null));
  const [corners, setCorners] = useState(/** @type {[number, number][]} */ ([]));
  const [painted, setPainted] = useState(/** @type {[number, number][]} */ ([]));
  const [width, setWidth] = useState(BRUSH_PX);
  const mask = useRef(/** @type {Mask | null} */ (null));
  useEffect(() => {
    setCorners([]);
    setPainted([]);
    mask.current = null;
    setPlace(tool ? { x: size.width / 2, y: size.height / 2 } : null);
  }, [tool, side.src]);
  const photo = ({ x, y }) => /** @type {[number, number]} */ ([
    clamp((x - view.x) / scale - 0.5, -0.5, side.width - 0.5),
    clamp((y - view.y) / scale - 0.5, -0.5, side.height - 0.5),
  ]);
  const stroke = (from, to) => {
    mask.current?.stroke(photo(from), photo(to), width / scale, tool === 'eraser');
    setPainted((now) => [...now, photo(to)]);
  };
  const begin = (spot) => {
    const mark = marks.find((one) => one.id === target);
    mask.current = new Mask(side.width, side.height);
    if (mark) mask.current.fill(mark.polygon);
    setPainted([]);
    stroke(spot, spot);
  };
  const finish = () => {
    const outline = mask.current?.outline() ?? [];
    mask.current = null;
    setPainted([]);
    if (outline.length >= 3) onOutline?.(outline, target);
  };
  const close = (all) => {
    setCorners([]);
    if (all.length >= 3) onOutline?.(all.map(([x, y]) => [round(x), round(y)]), null);
  };
  const corner = (spot) => {
    const here = photo(spot);
    const near = (one) => one && Math.hypot(one[0] - here[0], one[1] - here[1]) * scale < 8;
    if (corners.length >= 3 && (near(corners[0]) || near(corners[corners.length - 1]))) close(corners);
    else if (!near(corners[corners.length - 1])) setCorners([...corners, here]);
  };
  const press = (spot) => {
    setPlace(spot);
    if (tool === 'polygon') corner(spot);
    else begin(spot);
  };
  const move = (spot) => {
    if (mask.current && place) stroke(place, spot);
    setPlace(spot);
  };
  const lift = () => mask.current && finish();
  const key = (event) => {
    const step = PEN_STEP_PX * (event.shiftKey ? 6 : 1);
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const spot = place ?? { x: size.width / 2, y: size.height / 2 };
    if (way) move({ x: clamp(spot.x + way[0] * step, 0, size.width), y: clamp(spot.y + way[1] * step, 0, size.height) });
    else if (event.key === 'Enter') tool !== 'polygon' && mask.current ? finish() : press(spot);
    else if (event.key === 'Backspace') setCorners(corners.slice(0, -1));
    else if (event.key === '[' || event.key === ']') setWidth(clamp(width * (event.key === ']' ? 1.4 : 1 / 1.4), 3, 90));
    else if (event.key === 'Escape') mask.current || corners.length ? ((mask.current = null), setPainted([]), setCorners([])) : onDone?.();
    else return false;
    event.stopPropagation();
    return true;
  };
  const drawing = (pxPerPhoto) => {
    if (!tool || !place) return null;
    const [x, y] = photo(place);
    const line = corners.length ? [...corners, [x, y]] : [];
    return html`
      ${painted.length > 0 && html`<polyline class=${`stroke stroke-${tool}`} points=${[...painted, painted[painted.length - 1]].map((p) => p.join(',')).join(' ')}
        stroke-width=${width / pxPerPhoto} />`}
      ${line.length > 0 && html`<polyline class="corners" points=${line.map((p) => p.join(',')).join(' ')} />`}
      ${corners.map(([cx, cy]) => html`<circle class="corner" cx=${cx} cy=${cy} r=${4 / pxPerPhoto} />`)}
      <circle class="pen" cx=${x} cy=${y} r=${(tool === 'polygon' ? 5 : width / 2) / pxPerPhoto} />
      <path class="pen" d=${`M${x - 12 / pxPerPhoto} ${y}h${24 / pxPerPhoto}M${x} ${y - 12 / pxPerPhoto}v${24 / pxPerPhoto}`} />`;
  };
  return { press, move, lift, key, drawing };
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const round = (value) => Math.round(value * 10) / 10;

function zoomed(now, factor, x, y, frame) {
  const zoom = clamp(now.zoom * factor, 1, MOST);
  const grown = zoom / now.zoom;
  return held({ zoom, x: x - (x - now.x) * grown, y: y - (y - now.y) * grown }, frame);
}

/** Keep the photo in its pane: in the middle where it is smaller, over the edges where it is larger. */
function held({ zoom, x, y }, { size, side, fit }) {
  const one = (at, pane, photo) => (photo <= pane ? (pane - photo) / 2 : clamp(at, pane - photo, 0));
  return {
    zoom,
    x: one(x, size.width, side.width * fit * zoom),
    y: one(y, size.height, side.height * fit * zoom),
  };
}

/** Show a part of the photo with room about it. */
function around(box, frame) {
  const { size, side, fit } = frame;
  const room = Math.min(size.width / (box.width * fit * 3 + 1), size.height / (box.height * fit * 3 + 1));
  const zoom = clamp(room, 1, 5);
  const scale = fit * zoom;
  return held({ zoom, x: size.width / 2 - (box.x + box.width / 2) * scale, y: size.height / 2 - (box.y + box.height / 2) * scale }, frame);
}
