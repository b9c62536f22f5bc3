// The page's side of the guide: starts the worker, sends it one frame at a time, and does without where it cannot start.
import { HEAVY } from '../common/page.js';
import { luminance } from './measures.js';

/** @typedef {{flags: string[], advice: string | null, found: any, ms: number, locatedMs: number, sidePx: number}} Judgement */

const WAIT_MS = 20_000;

export class Guide {
  constructor() {
    /** 'starting', 'full', or 'light' where ONNX Runtime does not run: then only light is judged here. */
    this.mode = 'starting';
    this.rules = null;
    this.waiting = new Map();
    this.turn = 0;
    this.worker = null;
  }

  /** @param {{light?: boolean, slow?: boolean}} forced */
  async start({ light = false, slow = false } = {}) {
    const table = new URL('rules.json', import.meta.url).href;
    this.rules = await (await fetch(table)).json();
    if (light || typeof OffscreenCanvas === 'undefined' || typeof WebAssembly === 'undefined') {
      this.mode = 'light';
      return this;
    }
    try {
      await this.startWorker({ table, slow });
      this.mode = 'full';
    } catch (error) {
      console.warn('no live guidance', error);
      this.worker?.terminate();
      this.mode = 'light';
    }
    return this;
  }

  startWorker({ table, slow }) {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
      this.worker = worker;
      const timer = setTimeout(() => reject(new Error('too slow')), WAIT_MS);
      worker.onerror = (event) => reject(new Error(event.message || 'no worker'));
      worker.onmessage = ({ data }) => {
        if (data.ready || data.error && data.id === undefined) {
          clearTimeout(timer);
          return data.ready ? resolve(undefined) : reject(new Error(data.error));
        }
        const { resolve: done, reject: failed } = this.waiting.get(data.id) ?? {};
        this.waiting.delete(data.id);
        return data.error ? failed?.(new Error(data.error)) : done?.(data);
      };
      const start = {
        model: HEAVY['models/guide.onnx'],
        wasm: HEAVY['vendor/ort-wasm-simd-threaded.wasm'],
        card: new URL('../models/guide.json', import.meta.url).href,
        table,
        slow,
      };
      worker.postMessage({ start });
    });
  }

  /**
   * Judge a picture, whose bitmap is used up. `photoPx` is the long side of the photo that it stands for.
   * @param {ImageBitmap} bitmap @param {string} surface @param {number} [photoPx] @param {number} [sharpest]
   * @param {boolean} [live] a frame of many, which need not be measured in full
   * @returns {Promise<Judgement>}
   */
  judge(bitmap, surface, photoPx = Math.max(bitmap.width, bitmap.height), sharpest = Infinity, live = false) {
    if (this.mode !== 'full') return Promise.resolve(lightly(bitmap, this.rules));
    const id = (this.turn += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, bitmap, surface, photoPx, sharpest, live }, [bitmap]);
    });
  }

  stop() {
    this.worker?.terminate();
    this.worker = null;
    this.mode = 'starting';
  }
}

/** Without the model only the light of the whole picture can be judged; the server judges the rest. @returns {Judgement} */
function lightly(bitmap, rules) {
  const canvas = document.createElement('canvas');
  canvas.width = 96;
  canvas.height = Math.max(1, Math.round((96 * bitmap.height) / bitmap.width));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const level = luminance(context.getImageData(0, 0, canvas.width, canvas.height));
  const { limits, aims } = rules;
  const flags = level < limits.min_luminance ? ['dark'] : level > limits.max_luminance ? ['bright'] : [];
  const advice = level < aims.min_luminance ? 'dark' : level > aims.max_luminance ? 'bright' : 'unguided';
  return { flags, advice, found: { luminance: level, photoLuminance: level }, ms: 0, locatedMs: 0, sidePx: 0 };
}
