// What waits for a person: reasons, ages, and who has what open.
import { html, useEffect, useLayoutEffect, useState } from '../common/html.js';
import { Button, Chip, Empty, Failure, Loading } from '../common/ui.js';
import { ago, has, number, t } from '../common/words.js';
import { queue } from './desk.js';

const LOOK_MS = 10_000;
const URGENT = ['disputed', 'identity'];

/** @param {{onStart: () => void, onTake: (id: string) => void}} props */
export function Queue({ onStart, onTake }) {
  const [list, setList] = useState(null);
  const [problem, setProblem] = useState(null);
  const look = () => queue().then((answer) => (setProblem(null), setList(answer)), setProblem);
  useEffect(() => {
    void look();
    const timer = setInterval(() => document.hidden || look(), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  useLayoutEffect(() => {
    const key = (event) => {
      if (event.key.toLowerCase() === 's' && !event.ctrlKey && !event.metaKey && !event.altKey && list?.reviews.length) onStart();
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, [list]);
  if (!list) return problem ? html`<${Failure} problem=${problem} onRetry=${look} />` : html`<${Loading} />`;
  if (!list.reviews.length) return html`<${Empty} icon="check" title=${t('review.none')}>${t('review.none_text')}<//>`;
  const waiting = Object.values(list.waiting).reduce((all, one) => all + one, 0);
  const free = list.reviews.filter((one) => !one.leased_until || one.mine).length;
  return html`
    <div class="queue-head">
      <p class="queue-count"><strong>${number(waiting)}</strong> ${t('review.waiting', { count: waiting })}</p>
      <ul class="row" aria-label=${t('review.by_reason')}>
        ${Object.entries(list.waiting).sort((a, b) => b[1] - a[1]).map(([reason, count]) => html`
          <li key=${reason}><${Chip} kind=${URGENT.includes(reason) ? 'warn' : 'plain'}>${t(`phone.reason_${reason}`)} · ${number(count)}<//></li>`)}
      </ul>
      <${Button} kind="primary" size="large" icon="arrow" disabled=${!free} onClick=${onStart}>${t('review.start')} <kbd>S</kbd><//>
    </div>
    <ul class="list" aria-label=${t('review.queue')}>
      ${list.reviews.map((one) => html`<${Row} key=${one.request} one=${one} onTake=${onTake} />`)}
    </ul>`;
}

function Row({ one, onTake }) {
  const held = one.leased_until && !one.mine;
  const journey = `phone.journey_${one.journey}`;
  const late = one.due_at && new Date(one.due_at).getTime() < Date.now();
  return html`
    <li class="card list-row queue-row">
      <${Chip} kind=${late ? 'bad' : URGENT.includes(one.reason) ? 'warn' : 'info'}>${t(`phone.reason_${one.reason}`)}<//>
      <span><strong>${has(journey) ? t(journey) : one.journey}</strong> <span class="quiet">· ${t(`phone.channel_${one.channel}`)}</span></span>
      <span class="quiet">${ago(one.at)}${one.due_at ? ` · ${t(late ? 'review.late' : 'review.due', { when: ago(one.due_at) })}` : ''}</span>
      <span class="row">${held ? html`<${Chip}>${t('review.held')}<//>` : html`
        <${Button} onClick=${() => onTake(one.request)}>${t('review.open')}<span class="unseen"> ${t(`phone.reason_${one.reason}`)} ${ago(one.at)}</span><//>`}</span>
    </li>`;
}
