// Whether the service can do its work.
import { get } from '../common/api.js';
import { html, useEffect, useState } from '../common/html.js';
import { Failure, Loading, Notice } from '../common/ui.js';
import { t } from '../common/words.js';
import { duration } from './figures.js';

const LOOK_MS = 15_000;
const LATE_S = 60;

export function Health() {
  const [state, setState] = useState(/** @type {any} */ (null));
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const look = async () => {
    const began = performance.now();
    try {
      const ready = await get('/readyz', { tries: 1 });
      const tookMs = performance.now() - began;
      const [models, figures] = await Promise.all(['/v1/models', '/v1/figures'].map((path) => get(path).catch(() => null)));
      setProblem(null);
      setState({ ready, tookMs, models, figures });
    } catch (error) {
      setProblem(error);
    }
  };
  useEffect(() => {
    void look();
    const timer = setInterval(() => document.hidden || look(), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  if (problem?.status === 503) return html`<${Notice} kind="bad" title=${t('home.not_ready')}><span lang="en">${problem.message}</span><//>`;
  if (problem) return html`<${Failure} problem=${problem} onRetry=${look} />`;
  if (!state) return html`<${Loading} />`;
  const { ready, tookMs, models, figures } = state;
  return html`
    <${Notice} kind="good" title=${t('home.ready')}>${t('home.ready_text', { ready: ready.ready, workers: ready.workers, ms: Math.round(tookMs) })}<//>
    ${figures && html`<${Notice} kind=${figures.webhook_lag_s > LATE_S ? 'warn' : 'info'} title=${t('home.webhooks')}>
      ${figures.webhook_lag_s ? t('home.webhooks_late', { age: duration(figures.webhook_lag_s) }) : t('home.webhooks_none')}<//>`}
    ${models && html`
      <section class="card stack"><h2>${t('home.models')}</h2>
        <p class="quiet">${models.signed_with ? t('home.signed') : t('home.unsigned')}</p>
        <div class="wide-table" tabindex="0" role="region" aria-label=${t('home.models')}><table>
          <thead><tr><th scope="col">${t('home.model')}</th><th scope="col">${t('home.version')}</th><th scope="col">SHA-256</th></tr></thead>
          <tbody>${Object.entries(models.models).map(([name, model]) => html`<tr key=${name}><td>${name.replaceAll('_', ' ')}</td>
            <td>${model.card.provenance?.version ?? '—'}</td><td class="mono">${model.sha256.slice(0, 16)}</td></tr>`)}</tbody></table></div>
      </section>`}`;
}
