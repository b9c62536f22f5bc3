// Looks at frames beside the page: the guide by ONNX Runtime on one thread, then the gates.
// One thread and no WebGPU: more threads need headers under which ONNX Runtime ran out of memory on iOS.
import * as ort from '../vendor/ort.wasm.min.mjs';
import { adviceOf, flagsOf, measure, viewOf } from './gates.js';

const GREY = 'rgb(114, 114, 114)';
const FRAME_PX = 832;

let rules;
let guide;
/** @type {import('../vendor/ort.wasm.min.mjs').InferenceSession | undefined} */
let session;
let slow = false;
const times = [];

onmessage = async ({ data }) => {
  try {
    if (data.start) await start(data.start);
    else postMessage(await judge(data));
  } catch (error) {
    postMessage({ id: data.id, error: String(error) });
  }
};

async function start({ model, wasm, slow: isSlow, table, card }) {
  [rules, guide] = await Promise.all([table, card].map((at) => fetch(at).then((answer) => answer.json())));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm, mjs: new URL('../vendor/ort-wasm-simd-threaded.mjs', import.meta.url).href };
  slow = isSlow;
  const options = { executionProviders: ['wasm'], extra: { session: { disable_quant_qdq: '1' } } };
  const bytes = new Uint8Array(await (await fetch(model)).arrayBuffer());
  session = await ort.InferenceSession.create(bytes, options);
  postMessage({ ready: true, rules });
}

/** @param {{id: number, bitmap: ImageBitmap, surface: string, photoPx: number, sharpest: number, live: boolean}} asked */
async function judge({ id, bitmap, surface, photoPx, sharpest, live }) {
  const began = performance.now();
  const sidePx = (viewOf(surface) === 'edge' ? guide.edge_sizes_px : guide.sizes_px)[slow ? 1 : 0];
  const location = await locate(bitmap, sidePx);
  const locatedMs = performance.now() - began;
  const frame = pixels(bitmap);
  bitmap.close();
  const found = measure(frame, location, surface, rules, photoPx / Math.max(frame.width, frame.height), live);
  const flags = flagsOf(found, surface, rules);
  const advice = adviceOf(found, surface, rules, sharpest);
  choose(locatedMs);
  return { id, found, flags, advice, sidePx, locatedMs, ms: performance.now() - began };
}

/** Take smaller pictures where the phone is slow. */
function choose(ms) {
  times.push(ms);
  if (times.length < 8) return;
  const median = [...times].sort((a, b) => a - b)[4];
  if (median > rules.aims.slow_ms) slow = true;
  times.length = 0;
}

async function locate(bitmap, sidePx) {
  const scale = sidePx / Math.max(bitmap.width, bitmap.height);
  const size = [Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale))];
  const [width, height] = size.map((one) => Math.ceil(one / guide.multiple_px) * guide.multiple_px);
  const offset = /** @type {[number, number]} */ ([(width - size[0]) >> 1, (height - size[1]) >> 1]);
  const context = drawing(width, height);
  context.fillStyle = GREY;
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, offset[0], offset[1], size[0], size[1]);
  const { data } = context.getImageData(0, 0, width, height);
  const input = new Uint8Array(3 * width * height);
  for (let i = 0, j = 0; i < data.length; i += 4, j += 3) {
    input[j] = data[i];
    input[j + 1] = data[i + 1];
    input[j + 2] = data[i + 2];
  }
  const { regions, view } = await session.run({ image: new ort.Tensor('uint8', input, [1, height, width, 3]) });
  const [rows, columns] = regions.dims.slice(2);
  const stride = guide.output_stride;
  const map = (name) => regions.data.slice(guide.regions.indexOf(name) * rows * columns, (guide.regions.indexOf(name) + 1) * rows * columns);
  const cells = (from, length) => [Math.ceil(from / stride), Math.max(Math.ceil(from / stride) + 1, Math.floor((from + length) / stride))];
  const [c0, c1] = cells(offset[0], size[0]);
  const [r0, r1] = cells(offset[1], size[1]);
  return {
    views: Object.fromEntries(guide.views.map((name, i) => [name, view.data[i]])),
    body: map('body'),
    display: map('display'),
    columns,
    rows,
    stride,
    inside: [c0, r0, c1, r1],
    scale: size[0] / scaled(bitmap)[0],
    offset,
  };
}

function scaled({ width, height }) {
  const scale = Math.min(1, FRAME_PX / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

function pixels(bitmap) {
  const [width, height] = scaled(bitmap);
  const context = drawing(width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

const surfaces = new Map();

function drawing(width, height) {
  const name = `${width}x${height}`;
  if (!surfaces.has(name)) {
    if (surfaces.size > 4) surfaces.clear();
    surfaces.set(name, new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true }));
  }
  const context = surfaces.get(name);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high'; // with the default, edges get aliased and the guide sees another outline
  return context;
}
