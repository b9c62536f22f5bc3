// A brush on a photo: strokes on a mask, and the outline that the mask has.

const LONG_PX = 1600;

/** @typedef {[number, number]} Point */

/** A mask over a photo of that size, at a scale that outlines can be traced at. */
export class Mask {
  /** @param {number} width @param {number} height of the photo in pixels */
  constructor(width, height) {
    this.scale = Math.min(1, LONG_PX / Math.max(width, height));
    this.canvas = document.createElement('canvas');
    this.canvas.width = Math.max(1, Math.round(width * this.scale));
    this.canvas.height = Math.max(1, Math.round(height * this.scale));
    this.pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d', { willReadFrequently: true }));
  }

  /** Fill an outline. @param {Point[]} polygon */
  fill(polygon) {
    this.pen.globalCompositeOperation = 'source-over';
    this.pen.fillStyle = '#fff';
    this.pen.beginPath();
    for (const [x, y] of polygon) this.pen.lineTo((x + 0.5) * this.scale, (y + 0.5) * this.scale);
    this.pen.fill();
  }

  /** Paint or erase from one place to another. @param {Point} from @param {Point} to @param {number} widthPx @param {boolean} erase */
  stroke(from, to, widthPx, erase) {
    this.pen.globalCompositeOperation = erase ? 'destination-out' : 'source-over';
    this.pen.strokeStyle = '#fff';
    this.pen.lineCap = 'round';
    this.pen.lineWidth = Math.max(1.5, widthPx * this.scale);
    this.pen.beginPath();
    this.pen.moveTo((from[0] + 0.5) * this.scale, (from[1] + 0.5) * this.scale);
    this.pen.lineTo((to[0] + 0.5) * this.scale + 0.01, (to[1] + 0.5) * this.scale);
    this.pen.stroke();
  }

  /** The outline of the largest part, in photo pixels; empty where nothing is painted. @returns {Point[]} */
  outline() {
    const { width, height } = this.canvas;
    const { data } = this.pen.getImageData(0, 0, width, height);
    const loop = largestLoop((x, y) => x >= 0 && y >= 0 && x < width && y < height && data[4 * (y * width + x) + 3] > 127, width, height);
    return simplified(loop, 0.7).map(([x, y]) => [round(x / this.scale - 0.5), round(y / this.scale - 0.5)]);
  }
}

const round = (value) => Math.round(value * 10) / 10;
const STEPS = [[1, 0], [0, 1], [-1, 0], [0, -1]];

/**
 * Follow the borders between pixels inside and outside, clockwise, and return the one round the most.
 * @param {(x: number, y: number) => boolean} inside @param {number} width @param {number} height @returns {Point[]}
 */
export function largestLoop(inside, width, height) {
  const seen = new Uint8Array((width + 1) * (height + 1));
  let best = /** @type {Point[]} */ ([]);
  let most = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      // an upper border that no loop has passed yet
      if (!inside(x, y) || inside(x, y - 1) || seen[y * (width + 1) + x]) continue;
      const loop = follow(inside, x, y, seen, width);
      const area = areaOf(loop);
      if (area > most) [best, most] = [loop, area];
    }
  }
  return best;
}

function follow(inside, startX, startY, seen, width) {
  const loop = /** @type {Point[]} */ ([]);
  let [x, y, heading] = [startX, startY, 0];
  do {
    if (heading === 0) seen[y * (width + 1) + x] = 1;
    loop.push([x, y]);
    x += STEPS[heading][0];
    y += STEPS[heading][1];
    // the pixels ahead, to the left and to the right of the heading
    const left = [[x, y - 1], [x, y], [x - 1, y], [x - 1, y - 1]][heading];
    const right = [[x, y], [x - 1, y], [x - 1, y - 1], [x, y - 1]][heading];
    if (!inside(right[0], right[1])) heading = (heading + 1) % 4;
    else if (inside(left[0], left[1])) heading = (heading + 3) % 4;
  } while (x !== startX || y !== startY || heading !== 0);
  return loop;
}

function areaOf(loop) {
  let twice = 0;
  for (let index = 0; index < loop.length; index += 1) {
    const [[x0, y0], [x1, y1]] = [loop[index], loop[(index + 1) % loop.length]];
    twice += x0 * y1 - x1 * y0;
  }
  return twice / 2;
}

/** Leave points out that lie within `most` of a line between others (Douglas and Peucker). @param {Point[]} loop @param {number} most */
export function simplified(loop, most) {
  if (loop.length < 4) return loop;
  const half = Math.floor(loop.length / 2);
  const keep = new Set([0, half]);
  const stack = [[0, half], [half, loop.length]];
  while (stack.length) {
    const [first, last] = /** @type {[number, number]} */ (stack.pop());
    const [[x0, y0], [x1, y1]] = [loop[first], loop[last % loop.length]];
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    let [far, at] = [most, -1];
    for (let index = first + 1; index < last; index += 1) {
      const [x, y] = loop[index];
      const off = Math.abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / length;
      if (off > far) [far, at] = [off, index];
    }
    if (at < 0) continue;
    keep.add(at);
    stack.push([first, at], [at, last]);
  }
  return [...keep].sort((a, b) => a - b).map((index) => loop[index]);
}
