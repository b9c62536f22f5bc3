// The cases of an operator: filtered by where they stand, and looked for by what people know of them.
import { get } from '../common/api.js';
import { html, useEffect, useState } from '../common/html.js';
import { ROOT } from '../common/page.js';
import { may } from '../common/session.js';
import { Button, Chip, Empty, Failure, Field, Loading, Notice } from '../common/ui.js';
import { ago, has, t } from '../common/words.js';

const EVIDENCE = ['empty', 'incomplete', 'retake', 'provisional', 'needs_person', 'disputed', 'not_accepted', 'verified'];
const DEAL = ['none', 'qualified', 'offered', 'accepted', 'declined', 'expired', 'settled'];
const CUSTODY = ['customer', 'in_transit', 'ours', 'returned', 'sold', 'recycled'];
const KINDS = { verified: 'good', settled: 'good', accepted: 'good', needs_person: 'warn', disputed: 'warn', retake: 'warn', offered: 'info', provisional: 'info', not_accepted: 'bad', declined: 'bad', expired: 'bad' };

/** Where a case stands on one axis, as a chip. @param {{axis: string, state: string | null}} props */
export const State = ({ axis, state }) =>
  state && html`<${Chip} kind=${KINDS[state] ?? 'plain'}>${t(`home.${axis}_${state}`)}<//>`;

/** @param {string} journey */
export const journeyText = (journey) => (has(`phone.journey_${journey}`) ? t(`phone.journey_${journey}`) : journey);

/** What is looked for; of a whole number of a phone its last four, as no address holds more. @param {string} text */
const lookedFor = (text) => (/^[\d\s-]{14,}$/.test(text.trim()) ? text.trim().slice(-4) : text.trim());

export function Cases() {
  const [filter, setFilter] = useState(/** @type {Record<string, string>} */ ({}));
  const [pages, setPages] = useState(/** @type {any[] | null} */ (null));
  const [problem, setProblem] = useState(null);
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value)).toString();
  const load = async (before) => {
    try {
      const page = await get(`/v1/cases?limit=30${query ? `&${query}` : ''}${before ? `&before=${before}` : ''}`);
      setPages((now) => (before && now ? [...now, page] : [page]));
      setProblem(null);
    } catch (error) {
      setProblem(error);
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => load(''), query ? 250 : 0);
    return () => clearTimeout(timer);
  }, [query]);
  const select = (name, states) => html`
    <${Field} as="select" label=${t(`home.axis_${name}`)} name=${name} value=${filter[name] ?? ''}
      onChange=${(event) => setFilter({ ...filter, [name]: event.currentTarget.value })}>
      <option value="">${t('home.all')}</option>
      ${states.map((one) => html`<option key=${one} value=${one}>${t(`home.${name}_${one}`)}</option>`)}
    <//>`;
  const next = pages?.[pages.length - 1].next;
  return html`
    <${Waiting} />
    <form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
      <${Field} label=${t('home.search')} hint=${t('home.search_hint')} type="search" name="q" autocomplete="off" maxlength="64"
        onInput=${(event) => setFilter({ ...filter, q: lookedFor(event.currentTarget.value) })} />
      ${select('evidence', EVIDENCE)}${select('deal', DEAL)}${select('custody', CUSTODY)}
    </form>
    ${problem ? html`<${Failure} problem=${problem} onRetry=${() => load('')} />` : !pages ? html`<${Loading} />` : html`
      <${List} cases=${pages.flatMap((one) => one.cases)} filtered=${query !== ''} />
      ${next && html`<${Button} class="more" onClick=${() => load(next)}>${t('home.more')}<//>`}`}`;
}

/** What waits for a person, for who may answer it. */
function Waiting() {
  const [count, setCount] = useState(0);
  const reviews = may('reviewer', 'admin');
  useEffect(() => {
    if (reviews) get('/v1/reviews').then(({ reviews: all }) => setCount(all.length), () => {});
  }, [reviews]);
  if (!count) return null;
  const action = html`<${Button} kind="primary" icon="eye" href=${`${ROOT}/review`}>${t('home.open_review')}<//>`;
  return html`<${Notice} kind="warn" title=${t('home.reviews_waiting', { count })} action=${action} />`;
}

function List({ cases, filtered }) {
  if (!cases.length)
    return filtered ? html`<${Empty} title=${t('home.no_match')}>${t('home.no_match_text')}<//>` : html`<${Empty} icon="phone" title=${t('home.none')}>${t('home.none_yet')}<//>`;
  return html`
    <ul class="list" aria-label=${t('home.cases')}>
      ${cases.map(({ case: one, standing }) => html`
        <li key=${one.id}><a class="card case-row" href=${`#case/${one.id}`}>
          <strong>${journeyText(one.journey)} <span class="quiet">${one.customer_ref ?? html`<span class="mono">${one.id.slice(-6)}</span>`}</span></strong>
          <span class="row">
            ${standing && html`<${State} axis="evidence" state=${standing.evidence} />
              ${standing.deal !== 'none' && html`<${State} axis="deal" state=${standing.deal} />`}
              ${standing.custody !== 'customer' && html`<${State} axis="custody" state=${standing.custody} />`}`}
          </span>
          <span class="quiet">${t(`phone.channel_${one.channel}`)} · ${ago(one.at)}</span>
        </a></li>`)}
    </ul>`;
}
