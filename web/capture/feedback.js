// What a hand without eyes on the screen gets: tones and vibration.
let context = null;
let muted = false;

/** Sound may begin only in a tap: call it there. */
export function allowSound() {
  try {
    context ??= new AudioContext();
    void context.resume();
  } catch {
    context = null;
  }
}

/** @param {boolean} quiet */
export function mute(quiet) {
  muted = quiet;
}

/** @param {number} hertz @param {number} after seconds @param {number} seconds */
function tone(hertz, after, seconds) {
  if (!context || muted) return;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  const at = context.currentTime + after;
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.12, at + 0.02);
  gain.gain.linearRampToValueAtTime(0, at + seconds);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + seconds);
}

/** Another thing to do. */
export function nudge() {
  tone(392, 0, 0.12);
  navigator.vibrate?.(25);
}

/** A photo was taken. */
export function done() {
  tone(660, 0, 0.1);
  tone(990, 0.1, 0.16);
  navigator.vibrate?.([40, 60, 40]);
}
