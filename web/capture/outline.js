// The device's outline from the guide's map of its body: the four corners, in the frame's pixels.

/** @typedef {[number, number]} Point */

/** A body along the photo's rim lies in its outermost cells. */
const RIM_CELLS = 1;
/** A body that goes on beyond the photo may seem to end so many cells within it. */
const FADE_CELLS = 5;

/**
 * The largest connected part of the body.
 * @param {import('./gates.js').Location} location @param {number} threshold
 * @returns {{share: number, rimShare: number, area: number, points: Point[], box: [number, number, number, number]}}
 *   `points` lie where the body's probability crosses the threshold, between cells; frame pixels
 */
export function largestBody({ body, columns: side, inside, stride, scale, offset }, threshold) {
  const [c0, r0, c1, r1] = inside;
  const label = new Int32Array(body.length);
  let best = 0;
  let most = 0;
  let next = 0;
  const stack = [];
  for (let r = r0; r < r1; r += 1) {
    for (let c = c0; c < c1; c += 1) {
      const start = r * side + c;
      if (label[start] || body[start] < threshold) continue;
      next += 1;
      let count = 0;
      stack.push(start);
      label[start] = next;
      while (stack.length) {
        const at = /** @type {number} */ (stack.pop());
        count += 1;
        const x = at % side;
        const y = (at - x) / side;
        const add = (to) => {
          if (!label[to] && body[to] >= threshold) {
            label[to] = next;
            stack.push(to);
          }
        };
        if (x > c0) add(at - 1);
        if (x < c1 - 1) add(at + 1);
        if (y > r0) add(at - side);
        if (y < r1 - 1) add(at + side);
      }
      if (count > most) [best, most] = [next, count];
    }
  }
  const toFrame = (x, y) => /** @type {Point} */ ([(x * stride - offset[0]) / scale, (y * stride - offset[1]) / scale]);
  const points = [];
  let rim = 0;
  for (let r = r0; r < r1 && best; r += 1) {
    for (let c = c0; c < c1; c += 1) {
      if (label[r * side + c] !== best) continue;
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        const [x, y] = [c + dx, r + dy];
        const out = x < c0 || x >= c1 || y < r0 || y >= r1;
        if (!out && label[y * side + x] === best) continue;
        const p = body[r * side + c];
        const q = out ? threshold : body[y * side + x];
        const t = out ? 0.5 : Math.min(1, Math.max(0, (p - threshold) / Math.max(1e-6, p - q)));
        points.push(toFrame(c + 0.5 + dx * t, r + 0.5 + dy * t));
        const near = Math.min(c - c0, r - r0, c1 - 1 - c, r1 - 1 - r);
        if (out || near < RIM_CELLS) rim += 1;
      }
    }
  }
  const xs = points.map((one) => one[0]);
  const ys = points.map((one) => one[1]);
  return {
    share: most / ((c1 - c0) * (r1 - r0)),
    rimShare: points.length ? rim / points.length : 0,
    area: most * (stride / scale) ** 2,
    points,
    box: points.length ? [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] : [0, 0, 0, 0],
  };
}

/**
 * Fit four straight sides; null where the body has no such shape. Clockwise, beginning with a short side.
 * @param {ReturnType<typeof largestBody>} body @param {import('./gates.js').Location} location @param {number} minIou
 * @returns {Point[] | null}
 */
export function fitQuad(body, location, minIou) {
  const cell = location.stride / location.scale;
  const hull = hullOf(body.points);
  if (hull.length < 4) return null;
  let quad = smallestBox(hull);
  for (const reach of [3, 2, 1.5]) {
    const sides = quad.map((a, i) => sideLine(a, quad[(i + 1) % 4], body.points, reach * cell, 12 * cell));
    const corners = sides.map((line, i) => intersection(sides[(i + 3) % 4], line));
    if (corners.some((one) => !one)) return null;
    quad = /** @type {Point[]} */ (corners);
  }
  const area = areaOf(quad);
  if (!(area > 0) || Math.min(body.area / area, area / body.area) < minIou) return null;
  return length(quad[0], quad[1]) <= length(quad[1], quad[2]) ? quad : [quad[1], quad[2], quad[3], quad[0]];
}

const length = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** Mean of the four sides' lengths. @param {Point[]} quad */
export const meanSide = (quad) => quad.reduce((sum, a, i) => sum + length(a, quad[(i + 1) % 4]), 0) / 4;

/** The larger over the smaller of opposite sides, as `core/geometry.py` has it. @param {Point[]} quad */
export function scaleSpread(quad) {
  const sides = quad.map((a, i) => length(a, quad[(i + 1) % 4]));
  const ratio = (a, b) => Math.max(a, b) / Math.max(1e-9, Math.min(a, b));
  return Math.max(ratio(sides[0], sides[2]), ratio(sides[1], sides[3]));
}

/**
 * Whether a face's outline is that of a part of a phone, cut by the photo's rim: too stout, and near the rim.
 * @param {Point[]} quad @param {{width: number, height: number}} frame @param {Record<string, number>} limits
 * @param {number} cell pixels of the frame for one of the map
 */
export function isPart(quad, { width, height }, limits, cell) {
  const ratio = aspect(quad, width, height, limits.focal_share);
  const slender = Math.min(ratio, 1 / ratio);
  if (slender >= limits.min_phone_aspect && slender <= limits.max_phone_aspect) return false;
  const room = Math.max(limits.near_rim * Math.max(width, height), FADE_CELLS * cell);
  const inside = ([x, y], by) => x >= by && y >= by && x <= width - by && y <= height - by;
  const middles = quad.map((a, i) => /** @type {Point} */ ([(a[0] + quad[(i + 1) % 4][0]) / 2, (a[1] + quad[(i + 1) % 4][1]) / 2]));
  return !(quad.every((one) => inside(one, 0)) && middles.every((one) => inside(one, room)));
}

/** Width over height of the rectangle that appears as `quad`, foreshortening undone, as `core/geometry.py` has it. */
export function aspect(quad, width, height, focalShare) {
  const focal = focalShare * Math.max(width, height);
  const h = homography(/** @type {any} */ (quad.map(([x, y]) => [(x - width / 2) / focal, (y - height / 2) / focal])));
  return Math.hypot(h[0], h[3], h[6]) / Math.hypot(h[1], h[4], h[7]);
}

/** The projective map from the unit square to a quad (Heckbert, "Fundamentals of texture mapping", 1989). */
export function homography([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) {
  const [dx1, dx2, sx] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, sy] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const det = dx1 * dy2 - dx2 * dy1;
  const g = (sx * dy2 - dx2 * sy) / det;
  const h = (dx1 * sy - sx * dy1) / det;
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h];
}

function areaOf(quad) {
  return Math.abs(quad.reduce((sum, a, i) => sum + a[0] * quad[(i + 1) % 4][1] - quad[(i + 1) % 4][0] * a[1], 0)) / 2;
}

/** Convex hull, clockwise on the screen (Andrew's monotone chain). @param {Point[]} points @returns {Point[]} */
function hullOf(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const cross = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const half = (list) => {
    const chain = [];
    for (const one of list) {
      while (chain.length > 1 && cross(chain[chain.length - 2], chain[chain.length - 1], one) <= 0) chain.pop();
      chain.push(one);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

/** The rectangle of least area round a hull: one of its sides lies on the hull's. @param {Point[]} hull @returns {Point[]} */
function smallestBox(hull) {
  let best = null;
  for (let i = 0; i < hull.length; i += 1) {
    const [a, b] = [hull[i], hull[(i + 1) % hull.length]];
    const far = length(a, b);
    if (far < 1e-9) continue;
    const [ux, uy] = [(b[0] - a[0]) / far, (b[1] - a[1]) / far];
    let [u0, u1, v0, v1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const [x, y] of hull) {
      const [u, v] = [x * ux + y * uy, y * ux - x * uy];
      [u0, u1, v0, v1] = [Math.min(u0, u), Math.max(u1, u), Math.min(v0, v), Math.max(v1, v)];
    }
    const area = (u1 - u0) * (v1 - v0);
    if (best && area >= best.area) continue;
    const at = (u, v) => /** @type {Point} */ ([u * ux - v * uy, u * uy + v * ux]);
    best = { area, quad: [at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)] };
  }
  return /** @type {{quad: Point[]}} */ (best).quad;
}

/**
 * The line through the outline's points beside the straight part of a side; the end of a strip keeps its direction.
 * @returns {[Point, Point]} a point and a direction
 */
function sideLine(a, b, points, reach, short) {
  const far = length(a, b);
  const [ux, uy] = [(b[0] - a[0]) / far, (b[1] - a[1]) / far];
  const beside = [];
  for (const [x, y] of points) {
    const u = (x - a[0]) * ux + (y - a[1]) * uy;
    const v = (y - a[1]) * ux - (x - a[0]) * uy;
    if (u > 0.15 * far && u < 0.85 * far && Math.abs(v) <= reach) beside.push([u, v]);
  }
  if (beside.length < 2) return [a, [ux, uy]];
  const slope = far >= short && beside.length >= 8 ? slopeOf(beside) : 0;
  const level = median(beside.map(([u, v]) => v - slope * u));
  const at = (u, v) => /** @type {Point} */ ([a[0] + u * ux - v * uy, a[1] + u * uy + v * ux]);
  const [p, q] = [at(0, level), at(far, level + slope * far)];
  return [p, /** @type {Point} */ ([(q[0] - p[0]) / far, (q[1] - p[1]) / far])];
}

/** The median of the slopes between each point and the one half the side further on (after Theil and Sen). */
function slopeOf(points) {
  const sorted = points.sort((one, other) => one[0] - other[0]);
  const half = sorted.length >> 1;
  const slopes = [];
  for (let i = 0; i + half < sorted.length; i += 1) {
    const run = sorted[i + half][0] - sorted[i][0];
    if (run > 0) slopes.push((sorted[i + half][1] - sorted[i][1]) / run);
  }
  return slopes.length ? median(slopes) : 0;
}

function median(values) {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1];
}

function intersection([p, d], [q, e]) {
  const cross = d[0] * e[1] - d[1] * e[0];
  if (Math.abs(cross) < 0.05) return null;
  const t = ((q[0] - p[0]) * e[1] - (q[1] - p[1]) * e[0]) / cross;
  return /** @type {Point} */ ([p[0] + t * d[0], p[1] + t * d[1]]);
}
