// Functional tests in the phone's own browser: all of them one after the other, or one by `?test=NAME`. The address has the
// case, or a customer's link has it; its token stands after the #, where no server sees it, and is gone at once.
import { Language, online, start } from '../common/app.js';
import { html, useEffect, useMemo, useState } from '../common/html.js';
import { ROOT } from '../common/page.js';
import { session, SignedIn, signIn } from '../common/session.js';
import { announce, Button, Chip, Empty, Failure, Icon, Loading, Notice, Progress } from '../common/ui.js';
import { t } from '../common/words.js';
import { cameraSteps } from './cameras.js';
import { displayStep } from './display.js';
import { askForMotion, motionSteps } from './motion.js';
import { found, notTestable, outcome, Results } from './results.js';
import { soundStep } from './sound.js';
import { surroundingSteps, UNSEEN } from './surroundings.js';
import { touchSteps } from './touch.js';

/** @type {import('./results.js').Step[]} */
export const STEPS = [...touchSteps, displayStep, soundStep, ...cameraSteps, ...motionSteps, ...surroundingSteps];
const asked = new URLSearchParams(location.search);
const KIND = { pass: 'good', fail: 'bad', skipped: 'plain', not_testable: 'plain' };

function App() {
  const [problem, setProblem] = useState(null);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const token = location.hash.slice(1);
    if (token) history.replaceState(null, '', location.pathname + location.search);
    (token ? signIn(token) : Promise.resolve()).then(() => setReady(true), setProblem);
  }, []);
  return html`
    <header class="bar"><a class="brand" href="${ROOT}/diagnostics"><${Icon} name="phone" /><span>phonegrade</span></a><span class="bar-gap" /><${Language} /></header>
    ${!online.value && html`<p class="offline" role="status"><${Icon} name="offline" /> ${t('common.offline')}</p>`}
    <main id="main" class="page diagnostics" tabindex="-1">
      ${problem ? html`<${Titled}><${Failure} problem=${problem} onRetry=${() => location.reload()} /><//>`
        : ready ? html`<${SignedIn}><${Case} /><//>` : html`<${Loading} />`}
    </main>`;
}

const Titled = ({ children }) => html`<h1 class="unseen">${t('diagnostics.title')}</h1>${children}`;

function Case() {
  const caseId = session.value?.case ?? asked.get('case');
  if (!caseId || !/^[0-9a-f-]{36}$/.test(caseId)) return html`<${Titled}><${Empty} icon="phone" title=${t('diagnostics.no_case')}>${t('diagnostics.no_case_do')}<//><//>`;
  return html`<${Diagnostics} caseId=${caseId} />`;
}

function Diagnostics({ caseId }) {
  const results = useMemo(() => new Results(caseId), [caseId]);
  const wanted = STEPS.filter((step) => !asked.get('test') || step.id === asked.get('test'));
  const [queue, setQueue] = useState(/** @type {import('./results.js').Step[] | null} */ (null));
  const begin = async (steps) => {
    await askForMotion();
    setQueue(steps);
  };
  const done = (step, result) => {
    void results.add(step.id, result);
    announce(`${t(`diagnostics.${step.id}`)}: ${t(`diagnostics.is_${outcome(result)}`)}`);
    const rest = queue.slice(1);
    if (!rest.length && !asked.get('test')) void results.add('unseen', found({}, {}, UNSEEN));
    setQueue(rest);
  };
  if (results.refused.value) return html`<${Titled}><${Failure} problem=${results.refused.value} onRetry=${() => location.reload()} /><//>`;
  if (queue === null) return html`<${Begin} steps=${wanted} onBegin=${() => begin(wanted)} />`;
  if (!queue.length) return html`<${Summary} results=${results} steps=${wanted} onRepeat=${(step) => begin([step])} />`;
  const [step] = queue;
  return html`
    <p class="quiet diagnostics-count">${t('diagnostics.step', { number: wanted.indexOf(step) + 1, all: wanted.length })}</p>
    <${Progress} value=${wanted.indexOf(step)} max=${wanted.length} label=${t('diagnostics.progress')} />
    <${One} key=${step.id} step=${step} done=${(result) => done(step, result)} />`;
}

/** One step, whose result counts once; what this browser lacks is named, and never passes. */
function One({ step, done }) {
  const lacks = step.missing();
  const once = useMemo(() => {
    let open = true;
    return (result) => {
      if (open) done(result);
      open = false;
    };
  }, []);
  useEffect(() => void (lacks && setTimeout(() => once(notTestable(step.covers, lacks)), 300)), []);
  return lacks ? html`<${Loading} />` : html`<${step.Screen} done=${once} limitS=${step.limitS} />`;
}

function Begin({ steps, onBegin }) {
  const minutes = Math.ceil(steps.reduce((sum, one) => sum + one.limitS, 0) / 60);
  return html`
    <section class="card stack diagnostics-step">
      <h1>${t('diagnostics.title')}</h1>
      <p>${t('diagnostics.intro', { minutes })}</p>
      <${Notice} title=${t('diagnostics.privacy')}>${t('diagnostics.privacy_how')}<//>
      <ul class="diagnostics-list">${steps.map((one) => html`<li key=${one.id}>${t(`diagnostics.${one.id}`)}</li>`)}</ul>
      <div class="stack diagnostics-begin"><${Button} kind="primary" size="large" icon="arrow" onClick=${onBegin}>${t('diagnostics.start')}<//></div>
    </section>`;
}

function Summary({ results, steps, onRepeat }) {
  const waiting = results.unsent.value.length;
  return html`
    <section class="card stack" data-step="summary">
      <h1>${t('diagnostics.finished')}</h1>
      ${waiting
        ? html`<${Notice} kind="warn" action=${html`<${Button} onClick=${() => results.send()}>${t('common.retry')}<//>`}>${t('diagnostics.unsent', { count: waiting })}<//>`
        : html`<${Notice} kind="good">${t('diagnostics.sent')}<//>`}
      <ul class="list" aria-label=${t('diagnostics.finished')}>
        ${steps.filter((one) => results.byStep.value[one.id]).map((one) => {
          const kind = outcome(results.byStep.value[one.id]);
          const why = Object.values(results.byStep.value[one.id].whyNot)[0];
          return html`<li key=${one.id} class="diagnostics-line"><span>${t(`diagnostics.${one.id}`)}
              ${kind === 'not_testable' && why && html`<small class="quiet" lang="en">${why.replace('not_testable: ', '')}</small>`}</span>
            <${Chip} kind=${KIND[kind]}>${t(`diagnostics.is_${kind}`)}<//>
            <${Button} kind="quiet" icon="retry" onClick=${() => onRepeat(one)}>${t('diagnostics.repeat')}<span class="unseen"> ${t(`diagnostics.${one.id}`)}</span><//></li>`;
        })}
      </ul>
    </section>`;
}

start(App);
