// The kiosk: one action a screen, from the first touch to the receipt. An operator signs in once with a kiosk's key.
import { online, start } from '../common/app.js';
import { html, useEffect } from '../common/html.js';
import { choose, LANGUAGE, LANGUAGES } from '../common/page.js';
import { SignedIn } from '../common/session.js';
import { Icon, Loading } from '../common/ui.js';
import { t } from '../common/words.js';
import { ClaimScreen } from './claim.js';
import { ModelScreen } from './model.js';
import { NumberScreen } from './number.js';
import { PhotosScreen } from './photos.js';
import { EraseScreen, ReceiptScreen, ResultScreen, ReasonScreen } from './result.js';
import { KioskButton, Screen, Warning, watchIdle } from './screen.js';
import { chooseFolder, folder } from './sources.js';
import { TestsScreen } from './tests.js';
import { agreed, begin, forget, go, graded, handedOver, later, outbox, visit } from './visit.js';

const NAMES = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español', ja: '日本語' };
const station = new URLSearchParams(location.search).get('station') ?? undefined;

const SCREENS = {
  attract: Attract,
  consent: Consent,
  claim: () => html`<${ClaimScreen} station=${station} />`,
  number: NumberScreen,
  checking: () => html`<${Screen} id="checking" title=${t('kiosk.checking')}><${Loading} /><//>`,
  elsewhere: Elsewhere,
  model: ModelScreen,
  tests: TestsScreen,
  photos: PhotosScreen,
  grading: Grading,
  result: ResultScreen,
  reason: ReasonScreen,
  disputed: () => html`<${ReceiptScreen} id="disputed" title=${t('kiosk.disputed')} />`,
  accepting: () => html`<${Screen} id="accepting" title=${t('kiosk.accepting')}><${Loading} /><//>`,
  hand_over: HandOver,
  erase: EraseScreen,
  receipt: () => html`<${ReceiptScreen} id="receipt" title=${t('kiosk.receipt_ready')} />`,
  later: Later,
};

function Kiosk() {
  useEffect(() => {
    void outbox.open();
    watchIdle();
  }, []);
  const { step } = visit.value;
  return html`
    <div class="kiosk">
      <header class="kiosk-bar"><span class="brand"><${Icon} name="phone" />phonegrade</span>
        ${!online.value && html`<span class="chip chip-warn" role="status"><${Icon} name="offline" />${t('kiosk.offline')}</span>`}
        ${step !== 'attract' && html`<button type="button" class="kiosk-cancel" onClick=${() => forget()}>${t('kiosk.cancel')}</button>`}</header>
      <main id="main" class="kiosk-main" tabindex="-1"><${SCREENS[step]} key=${`${step} ${visit.value.session}`} /></main>
      <${Warning} />
    </div>`;
}

function Attract() {
  return html`
    <${Screen} id="attract" title=${t('kiosk.attract')}>
      <${KioskButton} primary icon="arrow" onClick=${() => go({ step: 'consent' })}>${t('kiosk.begin')}<//>
      <${KioskButton} onClick=${() => go({ step: 'claim' })}>${t('kiosk.claim_begin')}<//>
      <div class="kiosk-languages">${LANGUAGES.filter((one) => one !== LANGUAGE).map((one) => html`
        <button key=${one} type="button" class="kiosk-language" lang=${one} onClick=${() => choose(one)}>${NAMES[one]}</button>`)}</div>
      ${window.showDirectoryPicker && !folder.value && html`<button type="button" class="kiosk-language" onClick=${() => chooseFolder().catch(() => {})}>${t('kiosk.folder')}</button>`}
    <//>`;
}

function Consent() {
  return html`
    <${Screen} id="consent" title=${t('kiosk.consent')}>
      <${KioskButton} primary onClick=${() => (visit.value.caseId ? agreed() : begin(station))}>${t('kiosk.agree')}<//>
      <${KioskButton} onClick=${() => forget()}>${t('kiosk.no')}<//>
    <//>`;
}

function Elsewhere() {
  const { site, station: at, channel } = visit.value.elsewhere;
  const place = [site, at].filter(Boolean).join(', ') || t(`kiosk.channel_${channel}`);
  return html`
    <${Screen} id="elsewhere" title=${t('kiosk.elsewhere', { place })}>
      <${KioskButton} primary onClick=${() => forget()}>${t('kiosk.done')}<//>
    <//>`;
}

function Grading() {
  useEffect(() => void graded(), []);
  return html`
    <${Screen} id="grading" title=${t('kiosk.grading')}>
      <${Loading} />
      <${KioskButton} onClick=${later}>${t('kiosk.not_wait')}<//>
    <//>`;
}

function HandOver() {
  return html`
    <${Screen} id="hand_over" title=${t('kiosk.hand_over')}>
      <${KioskButton} primary onClick=${() => handedOver()}>${t('kiosk.done')}<//>
    <//>`;
}

/** Without a network or an answer there is a number to ask by, and nothing is promised. */
function Later() {
  if (visit.value.caseId && online.value) return html`<${ReceiptScreen} id="later" title=${t('kiosk.later')} />`;
  return html`
    <${Screen} id="later" title=${t('kiosk.later')}>
      <p class="kiosk-code mono">${visit.value.session.slice(0, 8).toUpperCase()}</p>
      <${KioskButton} primary onClick=${() => forget()}>${t('kiosk.done')}<//>
    <//>`;
}

start(() => html`<${SignedIn}><${Kiosk} /><//>`);
