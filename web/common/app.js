// How a page begins: `start(App)` reads its texts and draws it; `home/main.js` is a short one.
import { Component, html, render, signal } from './html.js';
import { choose, LANGUAGE, LANGUAGES, PAGE, RELEASE, ROOT } from './page.js';
import { session, signOut } from './session.js';
import { Button, Failure, Icon, StatusRegion } from './ui.js';
import { loadWords, t } from './words.js';

/** Whether the browser says that it has a network. */
export const online = signal(navigator.onLine);
addEventListener('online', () => (online.value = true));
addEventListener('offline', () => (online.value = false));

/** Read the texts, then show a page. @param {() => any} App */
export async function start(App) {
  const place = document.getElementById('app');
  if (!place) return;
  try {
    await loadWords();
  } catch {
    place.textContent = '⚠ offline';
    return;
  }
  place.replaceChildren();
  render(html`<${Guard}><${App} /><${StatusRegion} /><//>`, place);
  document.documentElement.dataset.ready = 'true';
  keepForOffline().catch(() => {}); // without it the page works online only
}

/** Let the page open again without network. */
async function keepForOffline() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register(`${ROOT}/service-worker.js?release=${RELEASE}`);
  const { active } = await navigator.serviceWorker.ready;
  const files = performance.getEntriesByType('resource').map((one) => one.name);
  const ours = files.filter((one) => new URL(one).pathname.startsWith(`${ROOT}/assets/`));
  active?.postMessage({ keep: [location.pathname, ...ours] });
}

/** A fault in one part must not leave an empty page. */
class Guard extends Component {
  static getDerivedStateFromError(error) {
    return { error };
  }

  render() {
    if (!this.state.error) return this.props.children;
    console.error(this.state.error);
    return html`<main class="page"><${Failure} problem=${this.state.error} onRetry=${() => location.reload()} /></main>`;
  }
}

/**
 * The frame of an operator's page: head with name, language and sign-out, and the page below.
 * @param {{title: string, wide?: boolean, actions?: any, children?: any}} props
 */
export function Page({ title, wide = false, actions, children }) {
  return html`
    <a class="skip" href="#main">${t('common.skip')}</a>
    <header class="bar">
      <a class="brand" href="${ROOT}/"><${Icon} name="phone" /><span>phonegrade</span></a>
      <span class="bar-gap" />
      <${Language} />
      ${session.value?.until && html`<${Button} kind="quiet" icon="leave" class="bar-leave" onClick=${leave}>${t('common.sign_out')}<//>`}
    </header>
    ${!online.value && html`<p class="offline" role="status"><${Icon} name="offline" /> ${t('common.offline')}</p>`}
    <main id="main" class="page ${wide ? 'page-wide' : ''}" tabindex="-1">
      ${session.value !== null && html`<div class="page-head"><h1>${title}</h1>${actions}</div>`}
      ${children}
    </main>`;
}

/** The menu of languages; each is written in itself. */
export function Language() {
  const names = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español', ja: '日本語' };
  return html`
    <label class="language"><span class="unseen">${t('common.language')}</span>
      <select onChange=${(event) => choose(event.currentTarget.value)}>
        ${LANGUAGES.map((one) => html`<option value=${one} lang=${one} selected=${one === LANGUAGE}>${names[one] ?? one}</option>`)}
      </select></label>`;
}

async function leave() {
  await signOut();
  location.assign(`${ROOT}${PAGE === 'home' ? '/' : location.pathname.slice(ROOT.length)}`);
}
