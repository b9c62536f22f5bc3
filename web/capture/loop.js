// Live guidance: frame after frame to the guide, one message at a time, and the shutter after enough good frames.
import { batch, signal } from '../common/html.js';

const FRAME_PX = 832;
const VOTES = 3;

export class Loop {
  /**
   * @param {import('./camera.js').Camera} camera @param {import('./guide.js').Guide} guide
   * @param {(best: ImageBitmap | null, judgement: any) => Promise<void>} onGood
   */
  constructor(camera, guide, onGood) {
    this.camera = camera;
    this.guide = guide;
    this.onGood = onGood;
    /** What is to be done now: a code, 'good', or '' before the first frame. One at a time, held. */
    this.message = signal('');
    /** How many good frames in a row. */
    this.good = signal(0);
    /** Whether it is time for help: nothing good for a while. */
    this.late = signal(false);
    this.running = false;
    this.surface = '';
    this.sharpest = Infinity;
    /** When each frame was judged, and in how many ms: for whoever measures. @type {{at: number, ms: number, locatedMs: number, sidePx: number, inside: number}[]} */
    this.stats = [];
    this.best = null;
  }

  /** Guide to this surface from now on. @param {string} surface */
  aim(surface) {
    this.drop();
    batch(() => {
      this.surface = surface;
      this.good.value = 0;
      this.late.value = false;
      this.votes = [];
      this.since = performance.now();
    });
  }

  /** Give the person time again. */
  again() {
    this.late.value = false;
    this.since = performance.now();
  }

  async run() {
    this.running = true;
    while (this.running) {
      await this.camera.next();
      if (!this.running) return;
      if (this.guide.mode === 'starting' || this.paused || !this.camera.video.videoWidth) continue;
      const began = performance.now();
      const { surface } = this;
      const whole = this.good.value ? await this.camera.whole() : null; // a whole frame is copied only where it may be kept
      const judgement = await this.guide.judge(await this.camera.small(FRAME_PX), surface, this.camera.longPx, this.sharpest, true);
      if (!this.running) return whole?.close();
      const { ms, locatedMs, sidePx } = judgement;
      if (!this.stats.length) this.again(); // a person's time begins with the guidance
      this.stats.push({ at: performance.now(), ms: performance.now() - began, locatedMs, sidePx, inside: ms });
      if (this.stats.length > 600) this.stats.shift();
      if (surface !== this.surface || this.paused) whole?.close();
      else await this.take(judgement, whole);
    }
  }

  stop() {
    this.running = false;
    this.drop();
  }

  async take(judgement, whole) {
    const now = performance.now();
    this.say(judgement.advice ?? 'good', now);
    if (judgement.advice !== null) {
      whole?.close();
      this.drop();
      this.good.value = 0;
      if (now - this.since > 1000 * this.guide.rules.aims.help_after_s) this.late.value = true;
      return;
    }
    const { blurPx } = judgement.found;
    this.sharpest = Math.min(this.sharpest, blurPx);
    if (whole && (!this.best || blurPx <= this.best.judgement.found.blurPx)) {
      this.drop();
      this.best = { bitmap: whole, judgement };
    } else whole?.close();
    this.good.value += 1;
    if (this.good.value < this.guide.rules.aims.good_frames) return;
    const { bitmap, judgement: of } = this.best ?? { bitmap: null, judgement };
    this.best = null;
    this.paused = true;
    try {
      await this.onGood(bitmap, of);
    } finally {
      bitmap?.close();
      this.paused = false;
    }
  }

  /** Change the message only once the one before was long enough there to be read, and to what most frames say. */
  say(code, now) {
    this.votes = [...(this.votes ?? []), code].slice(-VOTES);
    if (this.message.value && now - (this.saidAt ?? 0) < 1000 * this.guide.rules.aims.held_s) return;
    const count = (one) => this.votes.filter((other) => other === one).length;
    const next = this.votes.reduce((a, b) => (count(b) >= count(a) ? b : a));
    if (next === this.message.value) return;
    this.message.value = next;
    this.saidAt = now;
  }

  drop() {
    this.best?.bitmap?.close();
    this.best = null;
  }
}
