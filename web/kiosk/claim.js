// A case that began elsewhere goes on here: the scanner reads the code on the customer's phone, and its two digits are typed.
import { html, useEffect, useRef, useState } from '../common/html.js';
import { t } from '../common/words.js';
import { Screen } from './screen.js';
import { claimed, visit } from './visit.js';

const TOKEN = /^[0-9a-f]{32}$/;
const DIGITS = 2;

/** The scanner types what it reads into the field, as scanners do. @param {{station?: string}} props */
export function ClaimScreen({ station }) {
  const [token, setToken] = useState('');
  const [digits, setDigits] = useState('');
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => field.current?.focus(), []);
  const read = (text) => setToken(text.trim().toLowerCase());
  const type = (text) => {
    const next = text.replace(/\D/g, '').slice(0, DIGITS);
    setDigits(next);
    if (next.length === DIGITS) void claimed(token, next, station);
  };
  if (TOKEN.test(token)) {
    return html`<${Screen} id="claim_digits" title=${t('kiosk.claim_digits')}>
      <input class="kiosk-number" type="text" inputmode="numeric" autocomplete="off" aria-label=${t('kiosk.claim_digits_label')} value=${digits}
        onInput=${(event) => type(event.currentTarget.value)} />
      <div class="kiosk-keys">${[...'1234567890'].map((key) => html`<button key=${key} type="button" class="kiosk-key" onClick=${() => type(digits + key)}>${key}</button>`)}</div>
    <//>`;
  }
  return html`<${Screen} id="claim" title=${t('kiosk.claim')}>
    <input ref=${field} class="kiosk-number" type="text" autocomplete="off" spellcheck="false" aria-label=${t('kiosk.claim_label')} value=${token}
      onInput=${(event) => read(event.currentTarget.value)} />
    ${visit.value.wrong && html`<p role="alert" class="kiosk-wrong">${t('kiosk.claim_wrong')}</p>`}
  <//>`;
}
