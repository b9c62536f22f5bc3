// Light and sharpness of a surface, each as one number: `inference/quality_measures.py` in the browser.
import { homography } from './outline.js';

const BINS = 4096;

/** @typedef {{rgb: Uint8Array, grey: Float32Array, display: Uint8Array, width: number, height: number, luminance: number}} Canvas */

/** Mean luminance (BT.601) of a frame, from every fourth pixel. @param {import('./gates.js').Frame} frame */
export function luminance({ data }) {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < data.length; i += 16) {
    sum += 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    count += 1;
  }
  return sum / count;
}

/**
 * Rectify a surface to half the scale that light and sharpness are judged at.
 * @param {import('./gates.js').Frame} frame @param {[number, number][]} quad @param {number[]} size (short, long) mm
 * @param {number} pxPerMm of the canvas @param {number} framePxPerMm 0 where it is not known
 * @param {import('./gates.js').Location | null} location whose display is to be marked; null for none
 * @returns {Canvas}
 */
export function canvasOf(frame, quad, size, pxPerMm, framePxPerMm, location) {
  const width = Math.max(8, Math.round(size[0] * pxPerMm));
  const height = Math.max(8, Math.round(size[1] * pxPerMm));
  const [h0, h1, h2, h3, h4, h5, h6, h7] = homography(/** @type {any} */ (quad));
  const taps = Math.min(3, Math.max(1, Math.round(framePxPerMm / pxPerMm)));
  const n = taps * taps;
  const rgb = new Uint8Array(3 * width * height);
  const grey = new Float32Array(width * height);
  const { data, width: w } = frame;
  const [mostX, mostY] = [w - 1.001, frame.height - 1.001];
  let sum = 0;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0; k < n; k += 1) {
        const u = (x + ((k % taps) + 0.5) / taps) / width;
        const v = (y + (((k / taps) | 0) + 0.5) / taps) / height;
        const d = h6 * u + h7 * v + 1;
        const fx = Math.min(mostX, Math.max(0, (h0 * u + h1 * v + h2) / d - 0.5));
        const fy = Math.min(mostY, Math.max(0, (h3 * u + h4 * v + h5) / d - 0.5));
        const ix = fx | 0;
        const iy = fy | 0;
        const ax = fx - ix;
        const ay = fy - iy;
        const i = 4 * (iy * w + ix);
        const j = i + 4 * w;
        const w00 = (1 - ax) * (1 - ay);
        const w01 = ax * (1 - ay);
        const w10 = (1 - ax) * ay;
        const w11 = ax * ay;
        r += data[i] * w00 + data[i + 4] * w01 + data[j] * w10 + data[j + 4] * w11;
        g += data[i + 1] * w00 + data[i + 5] * w01 + data[j + 1] * w10 + data[j + 5] * w11;
        b += data[i + 2] * w00 + data[i + 6] * w01 + data[j + 2] * w10 + data[j + 6] * w11;
      }
      rgb[3 * at] = r / n + 0.5;
      rgb[3 * at + 1] = g / n + 0.5;
      rgb[3 * at + 2] = b / n + 0.5;
      const level = (0.299 * r + 0.587 * g + 0.114 * b) / n;
      grey[at] = Math.round(level);
      sum += level;
    }
  }
  const display = location ? displayOn(location, homography(/** @type {any} */ (quad)), width, height) : new Uint8Array(grey.length);
  return { rgb, grey, display, width, height, luminance: sum / (width * height) };
}

/** Mark the display's pixels on a canvas. @param {import('./gates.js').Location} location */
function displayOn({ columns, rows, stride, scale, offset, display: region }, h, width, height) {
  const marked = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y += 1) {
    const v = (y + 0.5) / height;
    for (let x = 0; x < width; x += 1, at += 1) {
      const u = (x + 0.5) / width;
      const d = h[6] * u + h[7] * v + 1;
      const column = Math.floor((((h[0] * u + h[1] * v + h[2]) / d) * scale + offset[0]) / stride);
      const row = Math.floor((((h[3] * u + h[4] * v + h[5]) / d) * scale + offset[1]) / stride);
      if (column >= 0 && row >= 0 && column < columns && row < rows && region[row * columns + column] >= 0.5) marked[at] = 1;
    }
  }
  return marked;
}

/** Whether the display shows a picture: colours that no dark glass mirrors. @param {Canvas} canvas @param {Record<string, number>} m */
export function isLit({ rgb, display }, m) {
  const counts = new Uint32Array(256);
  let count = 0;
  for (let i = 0; i < display.length; i += 16) {
    if (!display[i]) continue;
    const [r, g, b] = [rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]];
    counts[Math.max(r, g, b) - Math.min(r, g, b)] += 1;
    count += 1;
  }
  return count > 0 && percentile(counts, count, 0.9) >= m.lit_chroma;
}

/** Share of the surface that glare hides: burnt out pixels of a zone that is not bright by itself. */
export function glareShare({ rgb, grey, display }, isFront, lit, m) {
  if (isFront && lit) return 0;
  const counts = new Uint32Array(256);
  let inside = 0;
  let burnt = 0;
  for (let i = 0; i < grey.length; i += 1) {
    if (isFront && !display[i]) continue;
    inside += 1;
    counts[Math.min(255, grey[i])] += 1;
    if (Math.min(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) >= m.clipped_level) burnt += 1;
  }
  if (!inside || percentile(counts, inside, m.darker_percent / 100) >= m.bright_by_itself) return 0;
  return burnt / grey.length;
}

function percentile(counts, total, share) {
  let left = share * (total - 1);
  for (let level = 0; level < counts.length; level += 1) {
    left -= counts[level];
    if (left < 0) return level;
  }
  return counts.length - 1;
}

/**
 * Spread of the sharpest edges, in pixels of the scale that sharpness is judged at, twice the canvas'.
 * @param {Canvas} canvas @param {Record<string, number>} m
 */
export function blurPx({ grey, width, height }, m) {
  const smooth = smoothed(grey, width, height, m.smoothing_px, m.smoothing_taps);
  const rim = Math.max(1, Math.min((m.smoothing_taps >> 1) + 2, (Math.min(width, height) - 1) >> 1));
  const step = Math.max(1, Math.floor(Math.sqrt(Math.max(0, (width - 2 * rim) * (height - 2 * rim)) / m.sampled_px)));
  const most = Math.ceil(Math.max(0, width - 2 * rim) / step) * Math.ceil(Math.max(0, height - 2 * rim) / step);
  const gradients = new Float32Array(most);
  const laplacians = new Float32Array(most);
  let count = 0;
  for (let y = rim; y < height - rim; y += step) {
    for (let x = rim; x < width - rim; x += step) {
      const i = y * width + x;
      const nw = smooth[i - width - 1];
      const n = smooth[i - width];
      const ne = smooth[i - width + 1];
      const w = smooth[i - 1];
      const e = smooth[i + 1];
      const sw = smooth[i + width - 1];
      const s = smooth[i + width];
      const se = smooth[i + width + 1];
      const gx = (3 * (ne - nw) + 10 * (e - w) + 3 * (se - sw)) / 32;
      const gy = (3 * (sw - nw) + 10 * (s - n) + 3 * (se - ne)) / 32;
      gradients[count] = Math.sqrt(gx * gx + gy * gy);
      laplacians[count] = Math.abs(n + s + w + e - 4 * smooth[i]);
      count += 1;
    }
  }
  if (!count) return 0;
  const steepest = strongest(gradients.subarray(0, count), m.strongest_share);
  const sharpest = strongest(laplacians.subarray(0, count), m.strongest_share);
  const spread = steepest / Math.max(sharpest * Math.sqrt(Math.E), 1e-6);
  return 2 * Math.sqrt(Math.max(0, spread ** 2 - m.own_spread_px ** 2));
}

/** What a share of the values exceed, to a thousandth of the largest. @param {Float32Array} values @param {number} share */
function strongest(values, share) {
  let most = 0;
  for (let i = 0; i < values.length; i += 1) if (values[i] > most) most = values[i];
  if (most === 0) return 0;
  const counts = new Uint32Array(BINS);
  const scale = (BINS - 1) / most;
  for (let i = 0; i < values.length; i += 1) counts[(values[i] * scale) | 0] += 1;
  let left = Math.floor(share * values.length);
  let bin = BINS - 1;
  for (; bin > 0 && left >= counts[bin]; bin -= 1) left -= counts[bin];
  return (bin + 0.5) / scale;
}

function smoothed(grey, width, height, sigma, taps) {
  const half = taps >> 1;
  const weights = Array.from({ length: taps }, (_, i) => Math.exp(-((i - half) ** 2) / (2 * sigma ** 2)));
  const total = weights.reduce((a, b) => a + b);
  const kernel = Float32Array.from(weights, (one) => one / total);
  const mirrored = (i, n) => Math.min(n - 1, i < 0 ? -i : i >= n ? 2 * n - 2 - i : i);
  const across = new Float32Array(grey.length);
  const down = new Float32Array(grey.length);
  const padded = new Float32Array(width + 2 * half);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = -half; x < width + half; x += 1) padded[x + half] = grey[y * width + mirrored(x, width)];
    for (let x = 0; x < width; x += 1, at += 1) {
      let sum = 0;
      for (let k = 0; k < taps; k += 1) sum += kernel[k] * padded[x + k];
      across[at] = sum;
    }
  }
  for (let y = 0; y < height; y += 1) {
    const to = down.subarray(y * width, (y + 1) * width);
    for (let k = 0; k < taps; k += 1) {
      const weight = kernel[k];
      const from = width * mirrored(y + k - half, height);
      for (let x = 0; x < width; x += 1) to[x] += weight * across[from + x];
    }
  }
  return down;
}
