// Motion: gravity in three poses, turning, north; and whether the vibration is felt by the accelerometer.
import { html, useEffect, useRef, useState } from '../common/html.js';
import { t } from '../common/words.js';
import { found, skipped } from './results.js';
import { Frame, pause, Question, useCountdown } from './step.js';

const G = 9.81;
const POSES = ['flat', 'upright', 'side'];
const COVERS = ['accelerometer', 'gyroscope', 'compass'];
const TURN_DEG_S = 30;
const NORTH_DEG = 20;
/** A sensor that is there reports within this. */
const FIRST_MS = 2500;

/** Which pose a gravity vector (m/s²) is; null between them. @param {{x: number, y: number, z: number}} g */
export function poseOf({ x, y, z }) {
  const size = Math.hypot(x, y, z);
  if (Math.abs(size - G) > 2) return null;
  const axis = [['side', x], ['upright', y], ['flat', z]].find(([, value]) => Math.abs(value) > 0.85 * size);
  return axis ? axis[0] : null;
}

/** What was sensed until the end. @param {{poses: Set<string>, samples: number, turn: number | null, headings: number[], gravity: number}} sensed */
export function motionResult({ poses, samples, turn, headings, gravity }) {
  const [tests, whyNot] = [{}, {}];
  const evidence = { poses: poses.size, samples, gravity_m_s2: gravity, turn_deg_s: turn ?? NaN, headings: headings.length };
  if (!samples) whyNot.accelerometer = 'not_testable: DeviceMotionEvent.accelerationIncludingGravity';
  else if (poses.size === POSES.length) tests.accelerometer = 'pass';
  else whyNot.accelerometer = 'not all three poses were shown';
  if (turn === null) whyNot.gyroscope = 'not_testable: DeviceMotionEvent.rotationRate';
  else if (turn >= TURN_DEG_S) tests.gyroscope = 'pass';
  else if (poses.size === POSES.length) tests.gyroscope = 'fail'; // it was turned, and says that it was not
  else whyNot.gyroscope = 'the phone was not turned';
  if (!headings.length) whyNot.compass = 'not_testable: DeviceOrientationEvent.absolute';
  else if (spread(headings) >= NORTH_DEG) tests.compass = 'pass';
  else whyNot.compass = 'the phone was not turned';
  return found(tests, evidence, whyNot);
}

/** The largest angle between two headings. @param {number[]} headings */
function spread(headings) {
  const apart = (a, b) => Math.abs(((a - b + 540) % 360) - 180);
  return Math.max(...headings.map((one) => apart(one, headings[0])));
}

function Motion({ done, limitS }) {
  const sensed = useRef({ poses: new Set(), samples: 0, turn: null, headings: [], gravity: NaN });
  const [shown, setShown] = useState(/** @type {string[]} */ ([]));
  const finish = () => done(motionResult(sensed.current));
  const left = useCountdown(limitS, finish);
  useEffect(() => {
    const move = (event) => {
      const g = event.accelerationIncludingGravity;
      if (g && g.x !== null) {
        sensed.current.samples += 1;
        sensed.current.gravity = Math.hypot(g.x, g.y, g.z);
        const pose = poseOf(g);
        if (pose && !sensed.current.poses.has(pose)) setShown([...sensed.current.poses.add(pose)]);
      }
      const turn = event.rotationRate;
      if (turn && turn.alpha !== null) sensed.current.turn = Math.max(sensed.current.turn ?? 0, Math.abs(turn.alpha), Math.abs(turn.beta), Math.abs(turn.gamma));
      if (sensed.current.poses.size === POSES.length) setTimeout(finish, 600);
    };
    const north = (event) => {
      const heading = event.webkitCompassHeading ?? (event.absolute ? event.alpha : null);
      if (heading !== null && heading !== undefined) sensed.current.headings.push(heading);
    };
    const early = setTimeout(() => !sensed.current.samples && sensed.current.turn === null && finish(), FIRST_MS);
    const listens = [['devicemotion', move], ['deviceorientationabsolute', north], ['deviceorientation', north]];
    listens.forEach(([name, act]) => addEventListener(name, act));
    return () => (clearTimeout(early), listens.forEach(([name, act]) => removeEventListener(name, act)));
  }, []);
  return html`
    <${Frame} id="motion" left=${left} limitS=${limitS} onSkip=${() => done(skipped(COVERS))}>
      <ul class="diagnostics-poses">${POSES.map((pose) => html`<li key=${pose} class=${shown.includes(pose) ? 'on' : ''}>
        ${t(`diagnostics.pose_${pose}`)}${shown.includes(pose) && html` <span>✓</span>`}</li>`)}</ul>
    <//>`;
}

const SHAKES = 2.5;

/** The spread of acceleration for some time; null where no sensor reports. @param {number} ms */
async function shaking(ms) {
  const sizes = [];
  const sense = ({ accelerationIncludingGravity: g }) => g && g.x !== null && sizes.push(Math.hypot(g.x, g.y, g.z));
  addEventListener('devicemotion', sense);
  await pause(ms);
  removeEventListener('devicemotion', sense);
  if (sizes.length < 5) return null;
  const mean = sizes.reduce((sum, one) => sum + one, 0) / sizes.length;
  return Math.sqrt(sizes.reduce((sum, one) => sum + (one - mean) ** 2, 0) / sizes.length);
}

function Vibration({ done, limitS }) {
  const [asks, setAsks] = useState(false);
  const measured = useRef({});
  const left = useCountdown(limitS, () => done(skipped(['vibration'], 'no answer in time')));
  useEffect(() => void feel(), []);
  async function feel() {
    const still = await shaking(1000);
    navigator.vibrate([1200]);
    const moved = await shaking(1200);
    if (still !== null && moved !== null) {
      measured.current = { still_m_s2: still, shaking_m_s2: moved };
      if (moved > SHAKES * Math.max(still, 0.01)) return done(found({ vibration: 'pass' }, measured.current));
    }
    setAsks(true); // no sensor felt it: a person has to say
  }
  const answer = (result) => done(found({ vibration: result }, { ...measured.current, person: 1 }));
  return html`
    <${Frame} id="vibration" left=${left} limitS=${limitS} onSkip=${() => done(skipped(['vibration']))}>
      ${asks && html`<${Question} text=${t('diagnostics.vibration_ask')} answers=${[[t('diagnostics.yes'), () => answer('pass')], [t('diagnostics.no'), () => answer('fail')]]} />`}
    <//>`;
}

/** iOS gives motion only after a tap that asks for it. */
export async function askForMotion() {
  for (const kind of [window.DeviceMotionEvent, window.DeviceOrientationEvent]) {
    try {
      await kind?.requestPermission?.();
    } catch {
      return;
    }
  }
}

/** @type {import('./results.js').Step[]} */
export const motionSteps = [
  { id: 'motion', limitS: 20, covers: COVERS, missing: () => (window.DeviceMotionEvent ? null : 'DeviceMotionEvent'), Screen: Motion },
  { id: 'vibration', limitS: 12, covers: ['vibration'], missing: () => (navigator.vibrate ? null : 'navigator.vibrate'), Screen: Vibration },
];
