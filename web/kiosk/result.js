// What the phone is graded and what it brings, with the picture behind the rule; and what the customer takes along.
import { online } from '../common/app.js';
import { address } from '../common/api.js';
import { html, useEffect, useState } from '../common/html.js';
import { date, money, t } from '../common/words.js';
import { KioskButton, Screen } from './screen.js';
import { accepted, disputed, forget, go, print, receipt, visit } from './visit.js';

const REASONS = ['dirt', 'not_mine', 'not_damage', 'other'];

export function ResultScreen() {
  const { result, quote } = visit.value;
  const { decision } = result.revision;
  const reason = decision.reasons.find((one) => one.surface) ?? decision.reasons[0];
  const waits = decision.needs_review || !quote;
  return html`
    <${Screen} id="result" title=${quote ? t('kiosk.offer', { amount: money(quote.amount, quote.currency), grade: decision.grade ?? '–' }) : t('kiosk.no_offer', { grade: decision.grade ?? '–' })}>
      <div class="kiosk-result">
        ${result.picture && html`<div class="kiosk-picture"><img src=${address(`/v1/photos/${result.picture.id}/image?w=640`)} alt=${t(`kiosk.surface_${result.picture.surface}`)} />
          <img class="kiosk-overlay" src=${address(`/v1/photos/${result.picture.id}/overlay`)} alt="" /></div>`}
        <div class="stack">
          ${reason && html`<p lang="en" class="kiosk-rule">${reason.surface ? `${reason.surface}: ` : ''}${reason.text}</p>`}
          ${quote && html`<p class="kiosk-until">${t('kiosk.until', { date: date(quote.valid_until) })}</p>`}
          ${quote && !waits && html`<${KioskButton} primary onClick=${() => accepted()}>${t('kiosk.accept')}<//>`}
          ${waits && html`<${KioskButton} primary onClick=${() => go({ step: 'later', finished: true })}>${t('kiosk.person')}<//>`}
          <${KioskButton} onClick=${() => go({ step: 'reason' })}>${t('kiosk.dispute')}<//>
        </div>
      </div>
    <//>`;
}

/** Why the customer disagrees; a person reads it. */
export const ReasonScreen = () => html`
  <${Screen} id="reason" title=${t('kiosk.reason')}>
    <div class="kiosk-options">${REASONS.map((one) => html`<${KioskButton} key=${one} onClick=${() => disputed(t(`kiosk.reason_${one}`))}>${t(`kiosk.reason_${one}`)}<//>`)}</div>
    <${KioskButton} onClick=${() => go({ step: 'result' })}>${t('kiosk.back')}<//>
  <//>`;

export const EraseScreen = () => html`
  <${Screen} id="erase" title=${t('kiosk.erase')}>
    <${KioskButton} primary onClick=${() => go({ step: 'receipt' })}>${t('kiosk.go_on')}<//>
  <//>`;

/** @param {{id: string, title: string}} props */
export function ReceiptScreen({ id, title }) {
  const [where, setWhere] = useState(/** @type {any} */ (null));
  useEffect(() => void receipt().then(setWhere, () => setWhere(null)), [online.value]);
  return html`
    <${Screen} id=${id} title=${title}>
      ${where && html`<img class="kiosk-qr" src=${`data:image/svg+xml,${encodeURIComponent(where.qr_svg)}`} alt=${t('kiosk.receipt_code')} />`}
      ${where && html`<${KioskButton} onClick=${() => print(where.path)}>${t('kiosk.print')}<//>`}
      <${KioskButton} primary onClick=${() => forget()}>${t('kiosk.done')}<//>
    <//>`;
}
