// What is wrong with a frame: `inference/quality.py` over the guide's coarse outline, by the limits of the same table.
import { blurPx, canvasOf, glareShare, isLit, luminance } from './measures.js';
import { aspect, fitQuad, isPart, largestBody, meanSide, scaleSpread } from './outline.js';

/**
 * @typedef {'front' | 'back' | 'edge' | 'none'} View
 * @typedef {{views: Record<View, number>, body: Float32Array, display: Float32Array, columns: number, rows: number, stride: number,
 *   inside: [number, number, number, number], scale: number, offset: [number, number]}} Location
 *   Maps over the letterboxed picture; `inside` are the first and last columns and rows of the photo.
 * @typedef {{data: Uint8ClampedArray, width: number, height: number}} Frame  RGBA
 * @typedef {{codes: string[], limits: Record<string, number>, measures: Record<string, number>, aims: Record<string, any>,
 *   device_mm: [number, number, number]}} Rules
 * @typedef {{shown: View, views: Record<View, number>, bodyShare: number, cutOff: boolean, fill: number,
 *   quad: [number, number][] | null, spread: number, aspectError: number, pxPerMm: number, resolvableMm: number, luminance: number,
 *   photoLuminance: number, glare: number, blurPx: number}} Measures
 */

/** Sizes (short, long) of a view's surface in mm; an edge is taken for a long one unless it is the top or the bottom. */
export function sizeOf(surface, [height, width, depth]) {
  if (surface === 'top' || surface === 'bottom') return [depth, width];
  if (surface === 'left' || surface === 'right') return [depth, height];
  return [width, height];
}

/** @param {string} surface @returns {View} */
export const viewOf = (surface) => (surface === 'front' || surface === 'back' ? surface : 'edge');

/**
 * Measure a frame in which the guide has looked for the device.
 * @param {Frame} frame @param {Location} location @param {string} surface the promised one
 * @param {Rules} rules @param {number} finer pixels of the photo for each of the frame's
 * @param {boolean} live whether light and sharpness may be left out where no outline is: something else is said then
 * @returns {Measures}
 */
export function measure(frame, location, surface, rules, finer = 1, live = false) {
  const { limits, measures } = rules;
  const promised = viewOf(surface);
  const shown = /** @type {View} */ (Object.entries(location.views).reduce((a, b) => (b[1] > a[1] ? b : a))[0]);
  const body = largestBody(location, 0.5);
  const least = promised === 'edge' ? limits.min_edge_area_share : limits.min_area_share;
  const atRim = body.share >= least && body.rimShare > limits.cut_off_share;
  const whole = body.share >= least && !atRim;
  const fitted = whole ? fitQuad(body, location, promised === 'edge' ? limits.min_edge_iou : limits.min_iou) : null;
  const part = fitted !== null && promised !== 'edge' && isPart(fitted, frame, limits, location.stride / location.scale);
  const [quad, cutOff] = part ? [null, true] : [fitted, atRim];
  const size = sizeOf(surface, rules.device_mm);
  const pxPerMm = quad ? meanSide(quad) / ((size[0] + size[1]) / 2) : 0;
  const canvas = canvasOf(frame, quad ?? boxOf(body, frame), size, measures.px_per_mm / (live && !quad ? 8 : 2), pxPerMm, promised === 'front' ? location : null);
  const lit = promised === 'front' && isLit(canvas, measures);
  return {
    shown,
    views: location.views,
    bodyShare: body.share,
    cutOff,
    fill: Math.max((body.box[2] - body.box[0]) / frame.width, (body.box[3] - body.box[1]) / frame.height),
    quad,
    spread: quad ? scaleSpread(quad) : 1,
    aspectError: quad ? errorOf(aspect(quad, frame.width, frame.height, limits.focal_share) * (size[1] / size[0])) : 1,
    pxPerMm: pxPerMm * finer,
    resolvableMm: pxPerMm ? measures.resolved_px / Math.min(pxPerMm * finer, promised === 'edge' ? measures.edge_px_per_mm : measures.face_px_per_mm) : Infinity,
    luminance: canvas.luminance,
    photoLuminance: luminance(frame),
    glare: quad ? glareShare(canvas, promised === 'front', lit, measures) : 0,
    blurPx: blurPx(canvas, measures),
  };
}

const errorOf = (ratio) => Math.max(ratio, 1 / ratio);

function boxOf(body, frame) {
  const [x0, y0, x1, y1] = body.share > 0 ? body.box : [0, 0, frame.width, frame.height];
  return /** @type {[number, number][]} */ ([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]);
}

/** Return the codes that `check_quality` would flag, in its order. @param {Measures} found @param {string} surface @param {Rules} rules */
export function flagsOf(found, surface, { limits }) {
  const promised = viewOf(surface);
  const clipped = promised === 'edge' ? limits.max_clipped_edge_share : limits.max_clipped_share;
  const flags = deviceFlags(found, limits);
  flags.push(...viewFlags(found, promised, limits));
  if (found.quad && found.resolvableMm > limits.max_resolvable_mm) flags.push('low_resolution');
  if (found.quad && found.spread > limits.max_scale_spread) flags.push('tilted');
  if (Math.max(found.luminance, found.photoLuminance) < limits.min_luminance) flags.push('dark');
  if (found.luminance > limits.max_luminance) flags.push('bright');
  if (found.glare > clipped) flags.push('clipped');
  if (found.blurPx > limits.max_blur_px) flags.push('blurred');
  return flags;
}

function deviceFlags({ bodyShare, cutOff, quad, shown, views }, limits) {
  if (bodyShare < limits.min_body_share || (shown === 'none' && !quad) || views.none >= limits.certain_none) return ['no_device'];
  return cutOff ? ['cut_off'] : quad ? [] : ['no_outline'];
}

function viewFlags({ views, shown, quad }, promised, limits) {
  if (shown === promised) return [];
  const faces = promised !== 'edge' && shown !== 'edge' && shown !== 'none';
  if (faces && quad && views[shown] < limits.certain_face) return ['view_unsure'];
  if (shown !== 'none' && views[shown] >= limits.min_view_confidence) return ['view_mismatch'];
  return views[promised] < limits.min_promised_confidence ? ['view_mismatch'] : [];
}

/**
 * Return the one thing to do about a live frame, by the code that it would be flagged with; null where it is good.
 * Stricter than the flags, and in the order in which a person can act.
 * @param {Measures} found @param {string} surface @param {Rules} rules @param {number} sharpest of this session, pixels
 * @returns {string | null}
 */
export function adviceOf(found, surface, rules, sharpest = Infinity) {
  const { aims, limits } = rules;
  const promised = viewOf(surface);
  const flags = new Set(flagsOf(found, surface, rules));
  const dark = Math.max(found.luminance, found.photoLuminance) < aims.min_luminance;
  if (found.photoLuminance < aims.min_luminance && (flags.has('no_device') || dark)) return 'dark';
  if (flags.has('no_device')) return 'no_device';
  if (flags.has('cut_off') || found.fill > aims.fill[1]) return 'cut_off';
  if (found.fill < aims.fill[0]) return 'low_resolution';
  if (flags.has('view_mismatch') || flags.has('view_unsure') || found.views[promised] < aims.min_view_confidence) return 'view_mismatch';
  if (flags.has('no_outline')) return promised === 'edge' ? 'tilted' : 'no_outline';
  if (flags.has('low_resolution')) return 'low_resolution';
  if (flags.has('tilted') || (promised !== 'edge' && found.aspectError > limits.max_aspect_error)) return 'tilted';
  if (dark) return 'dark';
  if (found.luminance > aims.max_luminance) return 'bright';
  if (found.glare > (promised === 'edge' ? aims.max_clipped_edge_share : aims.max_clipped_share)) return 'clipped';
  const soft = found.blurPx > Math.max(1, sharpest * aims.max_blur_ratio);
  if ((soft && found.blurPx > limits.max_blur_px / 2) || found.blurPx > limits.max_blur_px) return 'blurred';
  return promised !== 'edge' && found.spread > aims.max_scale_spread ? 'tilted' : null;
}
