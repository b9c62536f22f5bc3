// Photographing the six surfaces with the customer's own phone: why, then the camera or a file, then what became of it.
import { Language, start } from '../common/app.js';
import { post } from '../common/api.js';
import { html, signal, useEffect, useState } from '../common/html.js';
import { ROOT } from '../common/page.js';
import { session, SignedIn } from '../common/session.js';
import { Button, Failure, Icon, Loading, Notice, toast } from '../common/ui.js';
import { number, t } from '../common/words.js';
import { whyNot } from './camera.js';
import { allowSound } from './feedback.js';
import { Files } from './files.js';
import { Silhouette } from './drawings.js';
import { consent, current, needsConsent, open, outbox, poll, states, taken, view } from './visit.js';

/** @type {import('../vendor/signals.js').Signal<'why' | 'camera' | 'files'>} */
const way = signal('why');
const reason = signal('');
/** What the camera needs is fetched once it is wanted: the first page stays small. @type {import('../vendor/signals.js').Signal<any>} */
const camera = signal(null);
const flags = new URLSearchParams(location.search);
const isDesk = matchMedia('(pointer: fine) and (min-width: 48rem)').matches;

function Capture() {
  const [problem, setProblem] = useState(null);
  const begin = () => open().then(() => setProblem(null), setProblem);
  useEffect(() => void begin(), []);
  if (problem) return html`<${Sheet}><h1 class="unseen">${t('capture.title')}</h1><${Failure} problem=${problem} onRetry=${begin} /><//>`;
  if (session.value === null && !view.value) return html`<${Sheet}><${SignedIn}><${Again} begin=${begin} /><//><//>`;
  if (!view.value) return html`<${Sheet}><${Loading} /><//>`;
  const surface = current.value;
  if (surface === null || !Object.keys(states.value).length) return html`<${Sheet}><${Result} /><//>`;
  if (way.value === 'camera') {
    const { Shooting, guide } = camera.value;
    return html`<${Shooting} surface=${surface} guide=${guide} onFail=${toFiles} onFiles=${() => (way.value = 'files')} />`;
  }
  if (way.value === 'files') return html`<${Sheet}><${Files} surface=${surface} reason=${reason.value} onCamera=${toCamera} /><//>`;
  return html`<${Sheet}><${Why} /><//>`;
}

/** Signing in leads here: begin anew. */
function Again({ begin }) {
  useEffect(() => void begin(), []);
  return html`<${Loading} />`;
}

function toFiles(error) {
  reason.value = whyNot(error);
  way.value = 'files';
}

async function toCamera() {
  allowSound();
  try {
    if (!camera.value) {
      const [{ Shooting }, { Guide }] = await Promise.all([import('./shooting.js'), import('./guide.js')]);
      const guide = new Guide();
      camera.value = { Shooting, guide };
      void guide.start({ light: flags.has('light'), slow: flags.has('slow') });
    }
    way.value = 'camera';
  } catch {
    toast(t('common.no_network'), 'warn');
  }
}

const Sheet = ({ children }) => html`
  <header class="bar"><span class="brand"><${Icon} name="phone" /><span>phonegrade</span></span><span class="bar-gap" /><${Language} /></header>
  <main class="page capture">${children}<${Sending} /></main>`;

/** What the camera is for, before the browser asks. */
function Why() {
  const retake = Object.values(states.value).some((one) => one.state === 'retake') && states.value[current.value]?.state === 'retake';
  const begin = async () => {
    allowSound();
    try {
      if (needsConsent.value) await consent();
    } catch {
      toast(t('common.no_network'), 'warn');
      return;
    }
    await toCamera();
  };
  return html`
    <div class="stack">
      <h1>${t(retake ? 'capture.retake_title' : 'capture.title')}</h1>
      <p class="quiet">${t(retake ? 'capture.retake_lead' : 'capture.lead')}</p>
    </div>
    <${Strip} />
    <ul class="tips">
      ${['clean', 'light', 'plain'].map((one) => html`<li><${Icon} name="check" /><span>${t(`capture.tip_${one}`)}</span></li>`)}
    </ul>
    <${Notice} kind="info" title=${t('capture.permission_title')}>${t('capture.permission')}<//>
    ${isDesk && html`<${OnPhone} />`}
    <div class="capture-actions">
      <${Button} kind="primary" size="large" icon="camera" onClick=${begin}>${t(needsConsent.value ? 'capture.agree' : 'capture.start')}<//>
      <${Button} kind="quiet" icon="upload" onClick=${() => (way.value = 'files')}>${t('capture.choose')}<//>
    </div>
    ${needsConsent.value && html`<p class="hint">${t('capture.consent')}</p>`}`;
}

/** Desktop to phone: the link as a QR code. */
function OnPhone() {
  const [link, setLink] = useState(null);
  useEffect(() => {
    const page = `${location.origin}${ROOT}/capture`;
    const path = session.value?.case ? '/v1/session/link' : `/v1/cases/${view.value.case.id}/capture-links`;
    post(path, { page }).then(setLink, () => setLink(null));
  }, []);
  if (!link?.qr_svg) return null;
  return html`
    <div class="card on-phone">
      <img src="data:image/svg+xml;charset=utf-8,${encodeURIComponent(link.qr_svg)}" alt=${t('capture.qr')} width="180" height="180" />
      <div class="stack"><h2>${t('capture.on_phone')}</h2><p class="quiet">${t('capture.on_phone_how')}</p></div>
    </div>`;
}

/** The six surfaces and what became of each. */
function Strip() {
  return html`
    <ol class="strip" aria-label=${t('capture.photos')}>
      ${Object.entries(states.value).map(([surface, one]) => html`
        <li key=${surface} class="strip-one strip-${one.state}">
          <span class="strip-picture">${taken.value[surface]
            ? html`<img src=${taken.value[surface]} alt="" />`
            : html`<${Silhouette} surface=${surface} good=${false} />`}</span>
          <span>${t(`capture.${surface}`)}</span>
          <${State} surface=${surface} one=${one} />
        </li>`)}
    </ol>`;
}

function State({ surface, one }) {
  if (one.state === 'missing') return null;
  const share = outbox.entries.value.filter((entry) => entry.about.surface === surface).map((entry) => outbox.progress.value[entry.id] ?? 0)[0];
  const text = t(`capture.is_${one.state}`, { percent: number(share ?? 0, { style: 'percent' }) });
  const icon = { queued: 'cloud', waiting: 'eye', usable: 'check', retake: 'retry' }[one.state];
  return html`<small><${Icon} name=${icon} /> ${text}</small>`;
}

/** All are taken: what the service says of them. */
function Result() {
  const all = Object.values(states.value);
  const accepted = all.length > 0 && all.every((one) => one.state === 'usable');
  useEffect(() => void poll(), []);
  return html`
    <div class="stack result" role="status">
      <span class="state-icon ${accepted ? 'state-good' : ''}"><${Icon} name=${accepted ? 'check' : 'cloud'} /></span>
      <h1>${t(accepted ? 'capture.done' : 'capture.checking')}</h1>
      <p class="quiet">${t(accepted ? 'capture.done_lead' : 'capture.checking_lead')}</p>
    </div>
    <${Strip} />
    <${Marks} />
    ${accepted && html`<${HandOff} />`}`;
}

/** The case goes on at a kiosk, by a code that works once. */
function HandOff() {
  const [offered, setOffered] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState(false);
  const offer = async () => {
    setBusy(true);
    try {
      setOffered(await post(`/v1/cases/${view.value.case.id}/handoffs`, {}));
    } catch (error) {
      toast(t(error.status ? 'common.failed' : 'common.no_network'), 'warn');
    }
    setBusy(false);
  };
  return html`
    ${offered && html`<div class="card on-phone" role="status">
      <img src="data:image/svg+xml;charset=utf-8,${encodeURIComponent(offered.qr_svg)}" alt=${t('capture.hand_off_code')} width="180" height="180" />
      <div class="stack"><h2>${t('capture.hand_off_digits', { code: offered.code })}</h2><p class="quiet">${t('capture.hand_off_how')}</p></div>
    </div>`}
    <div class="capture-actions"><${Button} kind=${offered ? 'quiet' : 'primary'} size="large" icon="arrow" busy=${busy} onClick=${offer}>${t('capture.hand_off')}<//></div>`;
}

/** The smallest mark that the photos could show: what the service measured. */
function Marks() {
  const mm = Object.values(states.value).map((one) => one.resolvableMm).filter(Boolean);
  if (!mm.length) return null;
  return html`<p class="hint">${t('capture.shows', { mm: number(Math.max(...mm), { maximumFractionDigits: 2 }) })}</p>`;
}

/** What waits for the network. */
function Sending() {
  const count = outbox.entries.value.length;
  if (!count || !outbox.stuck.value) return null;
  return html`<div role="status"><${Notice} kind="warn" title=${t('capture.kept', { count })}>${t('capture.kept_lead')}<//></div>`;
}

start(Capture);
