// The operator's pages: cases, one case, figures and health, each under its own # address.
import { Page, start } from '../common/app.js';
import { html, signal } from '../common/html.js';
import { ROOT } from '../common/page.js';
import { may, SignedIn } from '../common/session.js';
import { Icon } from '../common/ui.js';
import { t } from '../common/words.js';
import { CasePage } from './case.js';
import { Cases } from './cases.js';
import { FiguresPage } from './figures.js';
import { Health } from './health.js';

/** `#case/ID` is `['case', ID]`. */
const place = signal(location.hash.slice(1).split('/'));
addEventListener('hashchange', () => {
  place.value = location.hash.slice(1).split('/');
  scrollTo(0, 0);
});

function Navigation({ at }) {
  const links = [
    ['', 'phone', 'home.cases', true],
    ['figures', 'chart', 'home.figures', may('store', 'admin')],
    ['health', 'pulse', 'home.health', true],
  ];
  return html`
    <nav class="tabs" aria-label=${t('home.parts')}>
      ${links.filter(([, , , shown]) => shown).map(([name, icon, text]) => html`
        <a key=${name} href=${`#${name}`} aria-current=${(at || '') === name ? 'page' : undefined}><${Icon} name=${icon} />${t(text)}</a>`)}
      ${may('reviewer', 'admin') && html`<a href=${`${ROOT}/review`}><${Icon} name="eye" />${t('home.review')}</a>`}
    </nav>`;
}

function Home() {
  const [at, id] = place.value;
  const parts = { figures: FiguresPage, health: Health };
  return html`
    <${Navigation} at=${at === 'case' ? '' : at} />
    ${at === 'case' && id ? html`<${CasePage} key=${id} id=${id} />` : html`<${parts[at] ?? Cases} />`}`;
}

const TITLES = { figures: 'home.figures', health: 'home.health', case: 'home.case' };
const App = () => html`<${Page} title=${t(TITLES[place.value[0]] ?? 'home.cases')} wide><${SignedIn}><${Home} /><//><//>`;

start(App);
