// What surrounds the phone: battery, network, position, its owner; and what only a person can say.
import { get } from '../common/api.js';
import { html, useState } from '../common/html.js';
import { Button } from '../common/ui.js';
import { t } from '../common/words.js';
import { found, notTestable, skipped } from './results.js';
import { Automatic, Frame, Question, useCountdown } from './step.js';

/** Worse than this is the address of the network, not a satellite. */
const SATELLITES_M = 100;

async function battery() {
  const one = await navigator.getBattery();
  return found({}, { level_pct: 100 * one.level, charging: one.charging ? 1 : 0 });
}

async function network() {
  const began = performance.now();
  await get('/healthz', { tries: 1 });
  const evidence = { answer_ms: performance.now() - began, downlink_mbit_s: navigator.connection?.downlink ?? NaN };
  if (navigator.connection?.type === 'wifi') return found({ wifi: 'pass' }, evidence);
  if (navigator.connection?.type) return found({}, evidence, { wifi: 'the phone is on another network' });
  return notTestable(['wifi'], 'NetworkInformation.type', evidence);
}

/** Only how exact it is leaves this function: where the phone is, is nobody's business. */
function position() {
  const began = performance.now();
  return new Promise((answer) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords: { accuracy } }) => {
        const evidence = { accuracy_m: accuracy, seconds: (performance.now() - began) / 1000 };
        answer(accuracy <= SATELLITES_M ? found({ gps: 'pass' }, evidence) : notTestable(['gps'], 'no satellites, accuracy over 100 m', evidence));
      },
      (error) => answer(error.code === error.PERMISSION_DENIED ? skipped(['gps'], 'the position was not allowed') : skipped(['gps'], 'no position in time')),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 0 },
    );
  });
}

const automatic = (id, covers, run, limitS, missing) => ({
  id, covers, limitS, missing,
  Screen: ({ done }) => html`<${Automatic} id=${id} limitS=${limitS} run=${run} done=${done}
    onLate=${() => skipped(covers, 'no answer in time')} onSkip=${() => skipped(covers)} />`,
});

/** The platform authenticator makes a key that is thrown away; a code may stand in for finger and face, so a person says. */
async function verified() {
  const random = () => crypto.getRandomValues(new Uint8Array(32));
  await navigator.credentials.create({
    publicKey: {
      challenge: random(),
      rp: { name: 'phonegrade' },
      user: { id: random(), name: 'diagnostics', displayName: 'diagnostics' },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
      authenticatorSelection: { authenticatorAttachment: 'platform', userVerification: 'required', residentKey: 'discouraged' },
      timeout: 15_000,
    },
  });
}

function Biometrics({ done, limitS }) {
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const left = useCountdown(limitS, () => done(skipped(['biometrics'], 'no answer in time')));
  const begin = async () => {
    setBusy(true);
    try {
      if (!(await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable())) return done(notTestable(['biometrics'], 'platform authenticator'));
      await verified();
      setAsks(true);
    } catch (error) {
      done(error.name === 'NotAllowedError' ? skipped(['biometrics'], 'not recognised, or stopped') : notTestable(['biometrics'], `navigator.credentials (${error.name})`));
    }
  };
  const answer = (result) => done(found({ biometrics: result }, { verified: 1 }));
  return html`
    <${Frame} id="biometrics" left=${left} limitS=${limitS} onSkip=${() => done(skipped(['biometrics']))}>
      ${asks
        ? html`<${Question} text=${t('diagnostics.biometrics_ask')} answers=${[[t('diagnostics.biometrics_yes'), () => answer('pass')], [t('diagnostics.biometrics_code'), () => done(skipped(['biometrics'], 'a code was used'))]]} />`
        : html`<${Button} kind="primary" size="large" busy=${busy} onClick=${begin}>${t('diagnostics.begin')}<//>`}
    <//>`;
}

const ASKED = ['cellular', 'charge_port', 'button_power', 'button_volume'];

function Person({ done, limitS }) {
  const [said, setSaid] = useState({});
  const left = useCountdown(limitS, () => finish());
  const finish = () => {
    const tests = Object.fromEntries(Object.entries(said).filter(([, value]) => value));
    done(Object.keys(tests).length ? found({ ...tests, power_on: 'pass' }, { person: 1 }) : found({}, {}, { button_power: 'skipped', button_volume: 'skipped' }));
  };
  return html`
    <${Frame} id="person" left=${left} limitS=${limitS} onSkip=${() => done(found({}, {}, { button_power: 'skipped', button_volume: 'skipped' }))}>
      ${ASKED.map((name) => html`
        <div key=${name} class="diagnostics-ask" role="group" aria-label=${t(`diagnostics.ask_${name}`)}><span>${t(`diagnostics.ask_${name}`)}</span>
          ${['pass', 'fail'].map((value) => html`<button type="button" class="diagnostics-choice" aria-pressed=${said[name] === value}
            onClick=${() => setSaid({ ...said, [name]: said[name] === value ? null : value })}>${t(value === 'pass' ? 'diagnostics.yes' : 'diagnostics.no')}</button>`)}
        </div>`)}
      <${Button} kind="primary" size="large" onClick=${finish}>${t('diagnostics.go_on')}<//>
    <//>`;
}

/** @type {import('./results.js').Step[]} */
export const surroundingSteps = [
  automatic('battery', [], battery, 5, () => (navigator.getBattery ? null : 'navigator.getBattery')),
  automatic('network', ['wifi'], network, 8, () => null),
  automatic('position', ['gps'], position, 18, () => (navigator.geolocation ? null : 'navigator.geolocation')),
  { id: 'biometrics', limitS: 20, covers: ['biometrics'], missing: () => (window.PublicKeyCredential ? null : 'PublicKeyCredential'), Screen: Biometrics },
  { id: 'person', limitS: 20, covers: [], missing: () => null, Screen: Person },
];

/** What no browser shows, and why. Mobile network, charging port and power are left to people. */
export const UNSEEN = Object.fromEntries(
  ['earpiece', 'proximity', 'ambient_light', 'barometer', 'bluetooth', 'nfc', 'mute_switch', 'charge_wireless', 'parts_original', 'never_opened', 'liquid_indicator']
    .map((name) => [name, 'not_testable: no interface of browsers']),
);
