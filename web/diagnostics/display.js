// The display: five plain colours, and a person who looks.
import { html, useState } from '../common/html.js';
import { Button } from '../common/ui.js';
import { t } from '../common/words.js';
import { found, skipped } from './results.js';
import { useCountdown, Frame, Whole } from './step.js';

const COLOURS = ['#000000', '#ffffff', '#ff0000', '#00ff00', '#0000ff'];
const FAULTS = ['dead_pixels', 'bright_pixels', 'display_lines', 'ink_bleed', 'burn_in', 'mura'];
const COVERS = ['display_image', ...FAULTS];

function Colours({ done, limitS }) {
  const [at, setAt] = useState(0);
  const [bad, setBad] = useState(/** @type {string[]} */ ([]));
  const skip = (why) => done(skipped(COVERS, why));
  const left = useCountdown(limitS, () => skip('no answer in time'));
  if (at < COLOURS.length) {
    return html`
      <${Whole} style=${{ background: COLOURS[at] }} data-step="display">
        <button type="button" class="diagnostics-next" onClick=${() => setAt(at + 1)}>
          <span>${t('diagnostics.display_next', { number: at + 1, all: COLOURS.length })}</span></button>
      <//>`;
  }
  const toggle = (name) => setBad(bad.includes(name) ? bad.filter((one) => one !== name) : [...bad, name]);
  const finish = () => {
    const tests = Object.fromEntries(FAULTS.map((name) => [name, bad.includes(name) ? 'fail' : 'pass']));
    done(found({ display_image: 'pass', ...tests }, { colours: COLOURS.length, faults: bad.length }));
  };
  return html`
    <${Frame} id="display" left=${left} limitS=${limitS} onSkip=${() => skip('skipped')}>
      <div class="diagnostics-choices" role="group" aria-label=${t('diagnostics.display_do')}>
        ${FAULTS.map((name) => html`<button key=${name} type="button" class="diagnostics-choice" aria-pressed=${bad.includes(name)} onClick=${() => toggle(name)}>${t(`diagnostics.fault_${name}`)}</button>`)}
      </div>
      <${Button} kind="primary" size="large" onClick=${finish}>${t(bad.length ? 'diagnostics.display_bad' : 'diagnostics.display_good')}<//>
    <//>`;
}

/** @type {import('./results.js').Step} */
export const displayStep = { id: 'display', limitS: 20, covers: COVERS, missing: () => null, Screen: Colours };
