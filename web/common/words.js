// Texts in the reader's language. They stand in `web/words/PAGE.json`, those of all pages in `common.json`.
import { LANGUAGE, WORDS } from './page.js';

/** @typedef {string | Record<string, string>} Text  a text, or one for each plural form */

/** @type {Record<string, Text>} */
let texts = {};
const plural = new Intl.PluralRules(LANGUAGE);
const numbers = new Map();

/** Read the texts of this page; `start` does it. */
export async function loadWords() {
  const answer = await fetch(WORDS);
  if (!answer.ok) throw new Error(`no texts: ${answer.status}`);
  texts = await answer.json();
}

/** Whether there is such a text. @param {string} key */
export const has = (key) => key in texts;

/**
 * Return a text with its {placeholders} filled in. A text with plural forms goes by `count`.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  let text = texts[key];
  if (text === undefined) {
    console.error(`no text ${key}`);
    return key;
  }
  if (typeof text !== 'string') text = text[plural.select(Number(values.count))] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'number' ? number(value) : value;
  });
}

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function number(value, options = {}) {
  const name = JSON.stringify(options);
  if (!numbers.has(name)) numbers.set(name, new Intl.NumberFormat(LANGUAGE, options));
  return numbers.get(name).format(value);
}

/** @param {number} value @param {string} currency such as EUR */
export const money = (value, currency) => number(value, { style: 'currency', currency });

/** @param {string | number | Date} at @param {Intl.DateTimeFormatOptions} [options] */
export const date = (at, options = { dateStyle: 'medium', timeStyle: 'short' }) =>
  new Intl.DateTimeFormat(LANGUAGE, options).format(new Date(at));

/** How long ago, in words. @param {string | number | Date} at */
export function ago(at) {
  const seconds = (new Date(at).getTime() - Date.now()) / 1000;
  const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' });
  for (const [unit, length] of /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([
    ['day', 86400],
    ['hour', 3600],
    ['minute', 60],
  ])) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return relative.format(0, 'minute');
}
