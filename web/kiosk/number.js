// The phone's number: typed after *#06#, and confirmed by its last four digits. A reader of barcodes and screens can give
// a `reading` to the same two screens.
import { html, useState } from '../common/html.js';
import { t } from '../common/words.js';
import { KioskButton, Screen } from './screen.js';
import { identified } from './visit.js';

const DIGITS = 15;

/** The check digit of an IMEI (ISO/IEC 7812, Luhn). @param {string} number */
export function isImei(number) {
  if (!/^\d{15}$/.test(number)) return false;
  const sum = [...number].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** @param {{reading?: string}} props what a camera read, to be confirmed like a typed number */
export function NumberScreen({ reading = '' }) {
  const [number, setNumber] = useState(reading);
  const [wrong, setWrong] = useState(false);
  const [asks, setAsks] = useState(isImei(reading));
  const take = (text) => {
    const next = text.replace(/\D/g, '').slice(0, DIGITS);
    setNumber(next);
    setWrong(next.length === DIGITS && !isImei(next));
    if (isImei(next)) setAsks(true);
  };
  const type = (key) => take(key === 'back' ? number.slice(0, -1) : number + key);
  const yes = () => {
    const sure = number;
    setNumber('');
    void identified(sure);
  };
  if (asks) {
    return html`<${Screen} id="confirm" title=${t('kiosk.confirm', { last4: number.slice(-4) })}>
      <${KioskButton} primary onClick=${yes}>${t('kiosk.yes')}<//>
      <${KioskButton} onClick=${() => (setAsks(false), setNumber(''))}>${t('kiosk.no_again')}<//>
    <//>`;
  }
  return html`<${Screen} id="number" title=${t('kiosk.number')}>
    <input class="kiosk-number" type="text" inputmode="numeric" autocomplete="off" aria-label=${t('kiosk.number_label')} value=${number}
      aria-invalid=${wrong ? 'true' : undefined} onInput=${(event) => take(event.currentTarget.value)} />
    ${wrong && html`<p role="alert" class="kiosk-wrong">${t('kiosk.number_wrong')}</p>`}
    <div class="kiosk-keys">${[...'123456789', 'back', '0'].map((key) => html`
      <button key=${key} type="button" class="kiosk-key" onClick=${() => type(key)} aria-label=${key === 'back' ? t('kiosk.number_back') : key}>${key === 'back' ? '⌫' : key}</button>`)}</div>
  <//>`;
}
