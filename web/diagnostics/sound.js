// Sound: the loudspeaker plays a chirp, and the microphone has to hear that and nothing else.
import { html } from '../common/html.js';
import { chirp, clarity, resampled, rms } from './chirp.js';
import { found, notTestable, skipped } from './results.js';
import { Automatic, pause } from './step.js';

const CLEAR = 8;
/** Below this a microphone gives nothing at all: even a quiet room is louder. */
const DEAD_RMS = 1e-5;
const COVERS = ['loudspeaker', 'microphones'];
/** The browser's own filters would take the chirp for an echo. */
const PLAIN = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/**
 * What a recording of the chirp shows. A silent microphone says nothing about the loudspeaker.
 * @param {Float32Array} heard at 16 kHz @param {number} inputs
 */
export function soundResult(heard, inputs) {
  const level = rms(heard);
  const clear = clarity(heard);
  const evidence = { level_dbfs: 20 * Math.log10(Math.max(level, 1e-7)), clarity: clear, inputs };
  if (level < DEAD_RMS) return found({ microphones: 'fail' }, evidence, { loudspeaker: 'not_testable: the microphone is silent' });
  if (clear < CLEAR) return found({ loudspeaker: 'fail', microphones: 'pass' }, evidence);
  return found({ loudspeaker: 'pass', microphones: 'pass' }, evidence);
}

async function listen(signal) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: PLAIN });
  } catch (error) {
    return error.name === 'NotAllowedError' ? skipped(COVERS, 'the microphone was not allowed') : notTestable(COVERS, 'no microphone (getUserMedia)');
  }
  const context = new AudioContext();
  try {
    await context.resume();
    await context.audioWorklet.addModule(new URL('./recorder.js', import.meta.url));
    const pieces = [];
    const recorder = new AudioWorkletNode(context, 'recorder');
    recorder.port.onmessage = ({ data }) => pieces.push(data);
    context.createMediaStreamSource(stream).connect(recorder);
    for (let turn = 0; turn < 2; turn += 1) {
      play(context);
      await pause(1400, signal);
    }
    const heard = new Float32Array(pieces.reduce((sum, one) => sum + one.length, 0));
    pieces.reduce((at, one) => (heard.set(one, at), at + one.length), 0);
    const inputs = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === 'audioinput').length;
    return soundResult(resampled(heard, context.sampleRate), inputs);
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    await context.close();
  }
}

/** @param {AudioContext} context */
function play(context) {
  const wave = chirp(context.sampleRate);
  const buffer = context.createBuffer(1, wave.length, context.sampleRate);
  buffer.copyToChannel(wave, 0);
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  source.start(context.currentTime + 0.1);
}

const Sound = ({ done, limitS }) => html`
  <${Automatic} id="sound" limitS=${limitS} run=${listen} done=${done}
    onLate=${() => skipped(COVERS, 'no answer in time')} onSkip=${() => skipped(COVERS)} />`;

const missing = () => (navigator.mediaDevices?.getUserMedia ? (window.AudioWorkletNode ? null : 'AudioWorklet') : 'navigator.mediaDevices');

/** @type {import('./results.js').Step} */
export const soundStep = { id: 'sound', limitS: 15, covers: COVERS, missing, Screen: Sound };
