// Cameras: each opens, gives at least 720 lines, and its picture changes; then the light.
import { html, useEffect, useRef, useState } from '../common/html.js';
import { t } from '../common/words.js';
import { found, notTestable, skipped } from './results.js';
import { Automatic, Frame, pause, Question, useCountdown } from './step.js';

const LEAST_LINES = 720;
const SIDES = { user: 'camera_front', environment: 'camera_rear' };
const COVERS = ['camera_front', 'camera_rear', 'autofocus'];
const FRAMES = 6;

/** Open the camera of one side; null where the phone has none. @param {'user' | 'environment'} side */
async function opened(side, size = {}) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: { ideal: side }, ...size } });
  const [track] = stream.getVideoTracks();
  const facing = track.getSettings().facingMode;
  if (facing && facing !== side) {
    track.stop();
    return null;
  }
  return { stream, track, facing };
}

/** @param {'user' | 'environment'} side @param {AbortSignal} signal */
async function looked(side, signal) {
  const camera = await opened(side, { width: { ideal: 1920 }, height: { ideal: 1080 } });
  if (!camera) return { why: `no camera that faces ${side} (facingMode)` };
  try {
    const { width = 0, height = 0 } = camera.track.getSettings();
    const seen = { lines: Math.min(width, height), ...(await frames(camera.stream, signal)) };
    if (!camera.facing) return { seen, why: 'which way it faces (facingMode)' };
    return { seen, result: seen.lines >= LEAST_LINES && seen.change > 0 ? 'pass' : 'fail', focus: await focus(camera.track, camera.stream, signal) };
  } finally {
    camera.track.stop();
  }
}

/** Mean change of grey values between frames, and their mean: a camera that hangs gives one frame. */
async function frames(stream, signal) {
  const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true, playsInline: true });
  await video.play();
  let before = null;
  let [change, mean] = [0, 0];
  for (let turn = 0; turn < FRAMES; turn += 1) {
    await pause(200, signal);
    const grey = greyOf(video);
    mean = grey.reduce((sum, one) => sum + one, 0) / grey.length;
    if (before) change += grey.reduce((sum, one, at) => sum + Math.abs(one - before[at]), 0) / grey.length / (FRAMES - 1);
    before = grey;
  }
  video.srcObject = null;
  return { change, mean };
}

function greyOf(video) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 120 });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.drawImage(video, 0, 0, 160, 120);
  const { data } = pen.getImageData(0, 0, 160, 120);
  return Float32Array.from({ length: data.length / 4 }, (_, at) => (data[4 * at] + data[4 * at + 1] + data[4 * at + 2]) / 3);
}

/** Sweep the focus where a page may: sharpness has to follow. @returns {Promise<number | null>} largest over smallest sharpness */
async function focus(track, stream, signal) {
  const range = track.getCapabilities?.().focusDistance;
  if (!range || !(range.max > range.min)) return null;
  const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true, playsInline: true });
  await video.play();
  const sharpness = [];
  for (const share of [0, 0.25, 0.5, 1]) {
    await track.applyConstraints({ advanced: [{ focusMode: 'manual', focusDistance: range.min + share * (range.max - range.min) }] });
    await pause(500, signal);
    const grey = greyOf(video);
    sharpness.push(grey.reduce((sum, one, at) => sum + (at % 160 ? (one - grey[at - 1]) ** 2 : 0), 0));
  }
  return Math.max(...sharpness) / Math.max(1, Math.min(...sharpness));
}

/** Sharpness that changes less than this when the focus moves is noise. */
const FOCUS_MOVES = 1.3;

async function look(signal) {
  const [tests, evidence, whyNot] = [{}, {}, { autofocus: 'not_testable: MediaTrackCapabilities.focusDistance' }];
  for (const [side, name] of Object.entries(SIDES)) {
    try {
      const one = await looked(side, signal);
      for (const [quantity, value] of Object.entries(one.seen ?? {})) evidence[`${name}_${quantity}`] = value;
      if (one.result) tests[name] = one.result;
      else whyNot[name] = `not_testable: ${one.why}`;
      if (side === 'environment' && one.focus !== null && one.focus !== undefined) {
        evidence.focus_ratio = one.focus;
        if (one.focus >= FOCUS_MOVES) [tests.autofocus] = ['pass', delete whyNot.autofocus];
        else whyNot.autofocus = 'nothing near and far in the picture';
      }
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      if (error.name === 'NotAllowedError') whyNot[name] = 'the camera was not allowed';
      else if (error.name === 'NotReadableError') tests[name] = 'fail';
      else whyNot[name] = `not_testable: no camera (${error.name})`;
    }
  }
  return found(tests, evidence, whyNot);
}

const Cameras = ({ done, limitS }) => html`
  <${Automatic} id="cameras" limitS=${limitS} run=${look} done=${done}
    onLate=${() => skipped(COVERS, 'no answer in time')} onSkip=${() => skipped(COVERS)} />`;

function Torch({ done, limitS }) {
  const [lit, setLit] = useState(false);
  const left = useCountdown(limitS, () => done(skipped(['flash'], 'no answer in time')));
  const track = useRef(/** @type {MediaStreamTrack | null} */ (null));
  useEffect(() => {
    light().then(setLit, (error) => done(error.name === 'NotAllowedError' ? skipped(['flash'], 'the camera was not allowed') : notTestable(['flash'], 'torch (MediaTrackConstraints)')));
    return () => track.current?.stop();
  }, []);
  async function light() {
    const camera = await opened('environment');
    track.current = camera?.track ?? null;
    if (!camera?.track.getCapabilities?.().torch) throw new Error('no torch');
    await camera.track.applyConstraints({ advanced: [{ torch: true }] });
    return true;
  }
  const answer = (tests) => done(found(tests, { lit: 1 }));
  return html`<${Frame} id="torch" left=${left} limitS=${limitS} onSkip=${() => done(skipped(['flash']))}>
    ${lit && html`<${Question} text=${t('diagnostics.torch_ask')} answers=${[[t('diagnostics.yes'), () => answer({ flash: 'pass' })], [t('diagnostics.no'), () => answer({ flash: 'fail' })]]} />`}
  <//>`;
}

const missing = () => (navigator.mediaDevices?.getUserMedia ? null : 'navigator.mediaDevices');

/** @type {import('./results.js').Step[]} */
export const cameraSteps = [
  { id: 'cameras', limitS: 20, covers: COVERS, missing, Screen: Cameras },
  { id: 'torch', limitS: 12, covers: ['flash'], missing, Screen: Torch },
];
