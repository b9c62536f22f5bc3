// How a review ends: what the edits would change, the four verdicts, and what to do when somebody else was faster.
import { get } from '../common/api.js';
import { html, useEffect, useState } from '../common/html.js';
import { Button, Dialog, Field, Loading, Notice } from '../common/ui.js';
import { ago, has, t } from '../common/words.js';

/** A grade or status as people read it. @param {string | null} grade */
export const gradeText = (grade) => (grade && has(`phone.status_${grade}`) ? t(`phone.status_${grade}`) : (grade ?? '—'));

/** The grade before and, with edits, after. @param {{before: any, trial: any, busy: boolean}} props */
export function Grades({ before, trial, busy }) {
  const after = trial?.decision;
  const parts = [
    ['review.cosmetic', before.cosmetic.grade, after?.cosmetic.grade],
    ['review.combined', before.grade ?? before.status, after && (after.grade ?? after.status)],
  ];
  return html`
    <dl class="grades" aria-busy=${busy}>
      ${parts.map(([name, one, other]) => html`<div key=${name}><dt>${t(name)}</dt>
        <dd>${other !== undefined && other !== one ? html`<s>${gradeText(one)}</s> <span aria-hidden="true">→</span> <strong class="grade-new">${gradeText(other)}</strong>` : html`<strong>${gradeText(one)}</strong>`}</dd></div>`)}
    </dl>`;
}

/** The changes that a grade with the edits brings. @param {{comparison: any}} props */
export function Changes({ comparison }) {
  const changes = comparison.changes.filter((one) => one.reason.surface !== null || one.effect !== 'other');
  if (!changes.length) return html`<p class="hint">${t('review.no_change')}</p>`;
  return html`<ul class="changes" lang="en">${changes.slice(0, 6).map((one) => html`
    <li key=${one.reason.text} class=${`change-${one.effect}`}>${one.reason.surface ? `${one.reason.surface}: ` : ''}${one.reason.text}</li>`)}</ul>`;
}

/**
 * @param {{unseen: number, edited: boolean, busy: string, onAccept: () => void, onFix: () => void, onReject: () => void,
 *   onSecond: () => void}} props
 */
export function VerdictBar({ unseen, edited, busy, onAccept, onFix, onReject, onSecond }) {
  const off = unseen > 0 || busy !== '';
  const button = (name, key, kind, act, disabled) => html`
    <${Button} kind=${kind} busy=${busy === name} disabled=${disabled} onClick=${act}>${t(`review.verdict_${name}`)} <kbd>${key}</kbd><//>`;
  return html`
    <div class="verdict">
      <p class="hint" role="status">${unseen > 0 ? t('review.look_first', { count: unseen }) : t(edited ? 'review.fix_hint' : 'review.accept_hint')}</p>
      <div class="verdict-buttons">
        ${button('accepted', 'A', edited ? 'secondary' : 'primary', onAccept, off || edited)}
        ${button('fixed', 'F', edited ? 'primary' : 'secondary', onFix, off || !edited)}
        ${button('rejected', 'R', 'secondary', onReject, off)}
        ${button('second_opinion', 'Q', 'secondary', onSecond, off)}
      </div>
    </div>`;
}

/** Why, in words. @param {{kind: 'rejected' | 'second_opinion' | null, busy: boolean, onSend: (why: string) => void, onClose: () => void}} props */
export function WhyDialog({ kind, busy, onSend, onClose }) {
  const [error, setError] = useState('');
  useEffect(() => setError(''), [kind]);
  const send = (event) => {
    event.preventDefault();
    const why = String(new FormData(event.currentTarget).get('why')).trim();
    if (!why && kind === 'rejected') return setError(t('review.why_needed'));
    onSend(why);
  };
  return html`
    <${Dialog} open=${kind !== null} title=${kind ? t(`review.verdict_${kind}`) : ''} onClose=${onClose}>
      ${kind && html`<form class="stack" onSubmit=${send}>
        <${Field} as="textarea" rows="3" name="why" maxlength="2000" label=${t(kind === 'rejected' ? 'review.why' : 'review.why_optional')} hint=${t(`review.why_${kind}`)} error=${error}
          onKeyDown=${(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.currentTarget.form.requestSubmit()} />
        <div class="row row-end"><${Button} onClick=${onClose}>${t('review.back')}<//>
          <${Button} kind="primary" type="submit" busy=${busy}>${t(`review.verdict_${kind}`)}<//></div>
      </form>`}
    <//>`;
}

/**
 * The lease ran out, or the case moved on: say what changed, and keep what was judged.
 * @param {{problem: any, sheet: any, onRetake: () => Promise<void>, onLeave: () => void, onClose: () => void}} props
 */
export function LostDialog({ problem, sheet, onRetake, onLeave, onClose }) {
  const [since, setSince] = useState(null);
  const [refused, setRefused] = useState(null);
  useEffect(() => {
    setSince(null);
    setRefused(null);
    if (!problem) return;
    const known = new Set(sheet.facts.map((one) => one.id));
    get(`/v1/cases/${sheet.task.request.case}`).then(
      ({ facts }) => setSince(facts.filter((one) => !known.has(one.id))),
      () => setSince([]),
    );
  }, [problem]);
  const again = () => onRetake().catch(setRefused);
  return html`
    <${Dialog} open=${problem !== null} title=${t('review.lost')} onClose=${onClose}
      actions=${html`<${Button} onClick=${onLeave}>${t('review.lost_leave')}<//>${!refused && html`<${Button} kind="primary" onClick=${again}>${t('review.lost_again')}<//>`}`}>
      <${Notice} kind="warn">${t(refused ? 'review.lost_refused' : problem?.status === 412 ? 'review.lost_moved' : 'review.lost_lease')}<//>
      ${since === null ? html`<${Loading} />` : since.length === 0 ? html`<p>${t('review.lost_nothing')}</p>` : html`
        <h3>${t('review.lost_since')}</h3>
        <ul class="lost">${since.map((one) => html`<li key=${one.id}>${factText(one)} <span class="quiet">${ago(one.at)}</span></li>`)}</ul>`}
      <p class="hint">${t('review.lost_kept')}</p>
    <//>`;
}

function factText(one) {
  const name = has(`phone.fact_${one.fact}`) ? t(`phone.fact_${one.fact}`) : one.fact;
  if (one.fact === 'review') return `${name}: ${t(`review.verdict_${one.verdict}`)}`;
  if (one.fact === 'assessment_revision') return `${name} ${one.number}: ${gradeText(one.decision.grade ?? one.decision.status)}`;
  return one.surface ? `${name}: ${t(`phone.surface_${one.surface}`)}` : name;
}
