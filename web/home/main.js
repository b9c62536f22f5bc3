// The operator's first page: what waits, and the cases.
import { Page, start } from '../common/app.js';
import { get } from '../common/api.js';
import { html, useEffect, useState } from '../common/html.js';
import { SignedIn } from '../common/session.js';
import { Chip, Empty, Failure, Loading } from '../common/ui.js';
import { ago, t } from '../common/words.js';

function Cases() {
  const [page, setPage] = useState(null);
  const [problem, setProblem] = useState(null);
  const load = () => get('/v1/cases?limit=50').then((answer) => (setProblem(null), setPage(answer)), setProblem);
  useEffect(() => void load(), []);
  if (problem) return html`<${Failure} problem=${problem} onRetry=${load} />`;
  if (!page) return html`<${Loading} />`;
  if (!page.cases.length) return html`<${Empty} icon="phone" title=${t('home.none')}>${t('home.none_yet')}<//>`;
  return html`
    <ul class="list" aria-label=${t('home.cases')}>
      ${page.cases.map(({ case: one }) => html`
        <li key=${one.id} class="card list-row">
          <strong>${one.journey.replaceAll('_', ' ')}</strong><${Chip}>${one.channel}<//>
          <span class="quiet">${ago(one.at)}</span>
        </li>`)}
    </ul>`;
}

start(() => html`<${Page} title=${t('home.title')}><${SignedIn}><${Cases} /><//><//>`);
