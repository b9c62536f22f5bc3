// The journeys in figures, asked for again every few seconds while somebody looks.
import { get } from '../common/api.js';
import { html, useEffect, useState } from '../common/html.js';
import { Empty, Failure, Loading } from '../common/ui.js';
import { date, number, t } from '../common/words.js';

const EVERY_MS = 5000;
const STEPS = ['consent', 'identify', 'describe', 'complain', 'test', 'photograph', 'check_locks', 'assess', 'qualify', 'quote', 'accept', 'hand_over', 'verify', 'erase', 'settle', 'release'];

const share = (value) => (value === null ? '—' : number(value, { style: 'percent', maximumFractionDigits: 0 }));

/** Sum of counts by one label, largest first. @param {any[]} counts @param {string} label @returns {[string, number][]} */
function by(counts, label) {
  const sums = new Map();
  for (const one of counts) sums.set(one.labels[label], (sums.get(one.labels[label]) ?? 0) + one.count);
  return [...sums].sort((a, b) => b[1] - a[1]);
}

export function FiguresPage() {
  const [figures, setFigures] = useState(/** @type {any} */ (null));
  const [problem, setProblem] = useState(null);
  const load = () => get('/v1/figures').then((answer) => (setProblem(null), setFigures(answer)), setProblem);
  useEffect(() => {
    void load();
    const timer = setInterval(() => document.hidden || load(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  if (!figures) return problem ? html`<${Failure} problem=${problem} onRetry=${load} />` : html`<${Loading} />`;
  if (!figures.cases.length) return html`<${Empty} icon="chart" title=${t('home.no_figures')}>${t('home.no_figures_text')}<//>`;
  const waiting = figures.review_queue.reduce((all, one) => all + one.waiting, 0);
  const agreed = by(figures.agreement, 'agreement');
  const agreement = agreed.reduce((all, [, count]) => all + count, 0);
  const same = agreed.find(([name]) => name === 'same')?.[1] ?? 0;
  return html`
    <p class="quiet">${t('home.as_of', { when: date(figures.at) })}${figures.unsettled > 0 && ` · ${t('home.unsettled', { count: figures.unsettled })}`}</p>
    <div class="tiles">
      <${Tile} name="home.tile_open" value=${number(figures.cases.filter((one) => one.labels.ending === 'open').reduce((all, one) => all + one.count, 0))} />
      <${Tile} name="home.tile_waiting" value=${number(waiting)} />
      <${Tile} name="home.tile_overturned" value=${share(figures.overturned)} />
      <${Tile} name="home.tile_agreement" value=${share(agreement ? same / agreement : null)} />
    </div>
    <div class="charts">
      <${Bars} title=${t('home.chart_steps')} rows=${by(figures.steps, 'step').sort((a, b) => STEPS.indexOf(a[0]) - STEPS.indexOf(b[0]))} text=${(one) => t(`home.step_${one}`)} />
      <${Bars} title=${t('home.chart_evidence')} rows=${by(figures.axes.filter((one) => one.labels.axis === 'evidence'), 'state')} text=${(one) => t(`home.evidence_${one}`)} />
      <${Bars} title=${t('home.chart_channels')} rows=${by(figures.cases, 'channel')} text=${(one) => t(`phone.channel_${one}`)} />
      <${Bars} title=${t('home.chart_drop_off')} rows=${by(figures.drop_off, 'step')} text=${(one) => t(`home.step_${one}`)} kind="bad" />
      <${Bars} title=${t('home.chart_retakes')} rows=${by(figures.retakes, 'surface')} text=${(one) => t(`phone.surface_${one}`)} kind="warn" />
      <${Bars} title=${t('home.chart_reasons')} rows=${figures.review_queue.map((one) => [one.reason, one.waiting])} text=${(one) => t(`phone.reason_${one}`)} />
      <${Bars} title=${t('home.chart_verdicts')} rows=${by(figures.reviews, 'verdict')} text=${(one) => t(`home.verdict_${one}`)} />
      <${Bars} title=${t('home.chart_time')} rows=${timesOf(figures.step_seconds)} text=${(one) => t(`home.step_${one}`)} show=${duration} />
    </div>`;
}

/** Mean time in each step, in seconds. @returns {[string, number][]} */
function timesOf(times) {
  const sums = new Map();
  for (const one of times) {
    const [count, seconds] = sums.get(one.labels.step) ?? [0, 0];
    sums.set(one.labels.step, [count + one.count, seconds + one.seconds]);
  }
  return [...sums].map(([step, [count, seconds]]) => /** @type {[string, number]} */ ([step, count ? seconds / count : 0])).sort((a, b) => STEPS.indexOf(a[0]) - STEPS.indexOf(b[0]));
}

export function duration(seconds) {
  const [value, unit] = seconds < 90 ? [seconds, 'second'] : seconds < 5400 ? [seconds / 60, 'minute'] : seconds < 172800 ? [seconds / 3600, 'hour'] : [seconds / 86400, 'day'];
  return number(value, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 ? 1 : 0 });
}

const Tile = ({ name, value }) => html`<div class="card tile"><span class="tile-value">${value}</span><span class="quiet">${t(name)}</span></div>`;

/** Bars with their numbers as text: the drawing repeats what the list says. */
function Bars({ title, rows, text, show = number, kind = 'accent' }) {
  const most = Math.max(1e-9, ...rows.map(([, value]) => value));
  return html`
    <section class="card stack chart"><h2>${title}</h2>
      ${rows.length === 0 ? html`<p class="quiet">${t('home.no_data')}</p>` : html`
        <dl>${rows.slice(0, 9).map(([name, value]) => html`<div key=${name}><dt>${text(name)}</dt><dd>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="bar-back" width="100" height="8" rx="1" />
            <rect class=${`bar-${kind}`} width=${Math.max(0.8, (100 * value) / most)} height="8" rx="1" /></svg><span>${show(value)}</span></dd></div>`)}</dl>`}
    </section>`;
}
