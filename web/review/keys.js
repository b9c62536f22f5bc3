// The keys of the review station; they can be switched off, as speech and screen readers send letters too.
import { html, signal, useLayoutEffect, useRef } from '../common/html.js';
import { Button, Dialog } from '../common/ui.js';
import { t } from '../common/words.js';

const OFF = 'phonegrade-review-keys-off';
const TYPING = 'input, textarea, select, [contenteditable]';

/** Whether single letters do something. */
export const keysOn = signal(localStorage.getItem(OFF) === null);

/** What each key does, in the order in which help shows it. */
export const KEYS = [
  ['j', 'J', 'next_mark'],
  ['k', 'K', 'previous_mark'],
  ['l', 'L', 'next_side'],
  ['h', 'H', 'previous_side'],
  ['1', '1–5', 'kind'],
  ['0', '0', 'no_damage'],
  ['b', 'B', 'brush'],
  ['e', 'E', 'eraser'],
  ['p', 'P', 'polygon'],
  ['z', 'Z', 'undo'],
  [' ', null, 'overlay'],
  ['x', 'X', 'compare'],
  ['a', 'A', 'accept'],
  ['f', 'F', 'fix'],
  ['r', 'R', 'reject'],
  ['q', 'Q', 'second'],
  ['?', '?', 'help'],
];

/** @param {Record<string, (key: string) => void>} acts by name of `KEYS` */
export function useKeys(acts) {
  const now = useRef(acts);
  now.current = acts;
  useLayoutEffect(() => {
    const press = (/** @type {KeyboardEvent} */ event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (target.closest?.(TYPING) || document.querySelector('dialog[open]')) return;
      if (event.key === ' ' && target.closest?.('button, a')) return; // it presses those
      const key = event.key.toLowerCase();
      const name = /^[1-5]$/.test(key) ? 'kind' : KEYS.find(([one]) => one === key)?.[2];
      if (!name || !now.current[name] || (!keysOn.value && name !== 'help')) return;
      event.preventDefault();
      now.current[name](key);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** @param {{open: boolean, onClose: () => void}} props */
export function KeysHelp({ open, onClose }) {
  const turn = () => {
    keysOn.value = !keysOn.value;
    if (keysOn.value) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, '1');
  };
  return html`
    <${Dialog} open=${open} title=${t('review.keys')} onClose=${onClose}
      actions=${html`<${Button} onClick=${turn}>${t(keysOn.value ? 'review.keys_off' : 'review.keys_on')}<//>`}>
      <dl class="keys">
        ${KEYS.map(([, shown, name]) => html`<div key=${name}><dt><kbd>${shown ?? t('review.key_space')}</kbd></dt><dd>${t(`review.key_${name}`)}</dd></div>`)}
      </dl>
      <p class="hint">${t('review.keys_draw')}</p>
    <//>`;
}
