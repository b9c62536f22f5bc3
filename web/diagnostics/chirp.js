// A chirp and how it is found again in a recording: the normalised cross-correlation, by FFT. A tone, speech or noise does
// not correlate with it, so that nothing but the phone's own loudspeaker passes for one.
export const RATE = 16_000;
export const CHIRP_S = 0.5;
const [FROM_HZ, TO_HZ] = [300, 6000];

/** A linear sweep with soft ends. @param {number} [rate] @returns {Float32Array} */
export function chirp(rate = RATE) {
  const wave = new Float32Array(Math.round(CHIRP_S * rate));
  const soft = 0.02 * rate;
  for (let n = 0; n < wave.length; n += 1) {
    const s = n / rate;
    const phase = 2 * Math.PI * (FROM_HZ * s + ((TO_HZ - FROM_HZ) / (2 * CHIRP_S)) * s * s);
    wave[n] = Math.sin(phase) * Math.min(1, n / soft, (wave.length - n) / soft);
  }
  return wave;
}

/**
 * How clearly a chirp is in a recording: the highest correlation over the RMS of all others. Noise has 4 to 5.
 * @param {Float32Array} heard at `RATE` @returns {number}
 */
export function clarity(heard) {
  const wave = chirp();
  let size = 1;
  while (size < heard.length + wave.length) size *= 2;
  const [a, b] = [heard, wave].map((samples) => {
    const re = new Float64Array(size);
    re.set(samples);
    const im = new Float64Array(size);
    fft(re, im);
    return { re, im };
  });
  for (let k = 0; k < size; k += 1) {
    // the product with the conjugate, conjugated again: a forward transform is then the inverse one
    const re = a.re[k] * b.re[k] + a.im[k] * b.im[k];
    const im = a.im[k] * b.re[k] - a.re[k] * b.im[k];
    a.re[k] = re;
    a.im[k] = -im;
  }
  fft(a.re, a.im);
  const lags = Math.max(0, heard.length - wave.length);
  let at = 0;
  for (let lag = 1; lag < lags; lag += 1) if (Math.abs(a.re[lag]) > Math.abs(a.re[at])) at = lag;
  const near = 0.02 * RATE;
  let [sum, count] = [0, 0];
  for (let lag = 0; lag < lags; lag += 1) {
    if (Math.abs(lag - at) > near) [sum, count] = [sum + a.re[lag] ** 2, count + 1];
  }
  return count && sum > 0 ? Math.abs(a.re[at]) / Math.sqrt(sum / count) : 0;
}

/** The discrete Fourier transform in place (Cooley and Tukey, radix 2). @param {Float64Array} re @param {Float64Array} im */
export function fft(re, im) {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i += 1) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let width = 2; width <= size; width *= 2) {
    const half = width / 2;
    for (let k = 0; k < half; k += 1) {
      const angle = (-2 * Math.PI * k) / width;
      const [wr, wi] = [Math.cos(angle), Math.sin(angle)];
      for (let i = k; i < size; i += width) {
        const j = i + half;
        const [xr, xi] = [re[j] * wr - im[j] * wi, re[j] * wi + im[j] * wr];
        [re[j], im[j]] = [re[i] - xr, im[i] - xi];
        [re[i], im[i]] = [re[i] + xr, im[i] + xi];
      }
    }
  }
}

/** @param {Float32Array} samples */
export const rms = (samples) => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / Math.max(1, samples.length));

/** Average neighbours down to `RATE`. @param {Float32Array} samples @param {number} rate @returns {Float32Array} */
export function resampled(samples, rate) {
  const step = rate / RATE;
  const out = new Float32Array(Math.floor(samples.length / step));
  for (let n = 0; n < out.length; n += 1) {
    const [from, to] = [Math.floor(n * step), Math.max(Math.floor(n * step) + 1, Math.floor((n + 1) * step))];
    let sum = 0;
    for (let i = from; i < to; i += 1) sum += samples[i];
    out[n] = sum / (to - from);
  }
  return out;
}
