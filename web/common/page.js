// What the service wrote into the page's first line: where things lie, and in which language.
const { root, release, words, page, languages, heavy } = document.documentElement.dataset;

/** The path under which a proxy serves us, such as "/grading", or "". */
export const ROOT = root ?? '';
/** Hash of the files that this page is made of. */
export const RELEASE = release ?? '';
/** The page's own name, such as "capture". */
export const PAGE = page ?? '';
/** Address of this page's texts in its language. */
export const WORDS = words ?? '';
/** @type {string[]} */
export const LANGUAGES = (languages ?? 'en').split(' ');
/** @type {Record<string, string>} Addresses of models and WebAssembly, by their path in `web/`. */
export const HEAVY = JSON.parse(heavy ?? '{}');
export const LANGUAGE = document.documentElement.lang || 'en';

/** Show this page in another language from now on. @param {string} language */
export function choose(language) {
  document.cookie = `phonegrade_language=${language}; path=${ROOT || '/'}; max-age=31536000; samesite=strict`;
  location.reload();
}
