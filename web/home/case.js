// One case: where it stands, what is missing, its photos with outlines, its assessments, and all that happened.
import { address, get, post } from '../common/api.js';
import { html, useEffect, useState } from '../common/html.js';
import { ROOT } from '../common/page.js';
import { Picture } from '../common/picture.js';
import { may } from '../common/session.js';
import { Button, Chip, Dialog, Failure, Loading, Notice, toast } from '../common/ui.js';
import { ago, date, has, money, number, t } from '../common/words.js';
import { journeyText, State } from './cases.js';

const gradeText = (decision) => decision.grade ?? (has(`phone.status_${decision.status}`) ? t(`phone.status_${decision.status}`) : decision.status);

/** @param {{id: string}} props */
export function CasePage({ id }) {
  const [view, setView] = useState(/** @type {any} */ (null));
  const [problem, setProblem] = useState(null);
  const load = () => get(`/v1/cases/${id}`).then((answer) => (setProblem(null), setView(answer)), setProblem);
  useEffect(() => void load(), [id]);
  if (problem) return html`<${Failure} problem=${problem} onRetry=${load} />`;
  if (!view) return html`<${Loading} />`;
  const { case: one, status, facts } = view;
  const of = (kind) => facts.filter((fact) => fact.fact === kind);
  return html`
    <header class="case-head">
      <div><h2>${journeyText(one.journey)} ${one.customer_ref && html`<span class="quiet">${one.customer_ref}</span>`}</h2>
        <p class="quiet">${t(`phone.channel_${one.channel}`)} · ${date(one.at)}</p></div>
      <span class="row"><${State} axis="evidence" state=${status.evidence} /><${State} axis="deal" state=${status.deal} /><${State} axis="custody" state=${status.custody} />
        <${Chip} kind=${status.resale.state === 'ready' ? 'good' : 'plain'}>${t(`home.resale_${status.resale.state}`)}<//></span>
      <${Button} icon="retry" onClick=${load}>${t('home.reload')}<//>
    </header>
    <${Actions} view=${view} of=${of} />
    <div class="case-grid">
      <div class="stack">
        <${Photos} facts=${facts} assessments=${of('assessment_revision')} id=${id} />
        <${Assessments} id=${id} revisions=${of('assessment_revision')} reviews=${of('review')} />
      </div>
      <div class="stack">
        <${Left} status=${status} />
        <${Device} facts=${facts} />
        <${Offers} quotes=${of('quote')} events=${of('quote_event')} />
        <${History} facts=${facts} />
      </div>
    </div>`;
}

function Left({ status }) {
  const missing = status.missing.filter((one) => one.left.length);
  return html`
    <section class="card stack"><h3>${t('home.missing')}</h3>
      ${missing.length ? html`<ul class="plain">${missing.map((one) => html`<li key=${one.step}><strong>${t(`home.step_${one.step}`)}</strong>
        <span class="quiet" lang="en"> ${one.left.slice(0, 8).join(', ').replaceAll('_', ' ')}${one.left.length > 8 ? ' …' : ''}</span></li>`)}</ul>`
        : html`<${Notice} kind="good">${t('home.nothing_missing')}<//>`}
      ${status.next.length > 0 && html`<h3>${t('home.next')}</h3>
        <ul class="row plain">${status.next.map((one) => html`<li key=${one.step}><${Chip} kind=${one.optional ? 'plain' : 'info'}>${t(`home.step_${one.step}`)}<//></li>`)}</ul>`}
      ${status.resale.state === 'blocked' && status.deal !== 'none' && html`<h3>${t('home.blocked_by')}</h3>
        <ul class="reasons" lang="en">${status.resale.reasons.map((one) => html`<li key=${one.text}>${one.text}</li>`)}</ul>`}
    </section>`;
}

/** What an operator may do from here: elsewhere, or with one press. */
function Actions({ view, of }) {
  const [link, setLink] = useState(/** @type {any} */ (null));
  const { case: one, status } = view;
  const asset = of('asset').at(-1);
  const asked = of('review_request').some((request) => !of('review').some((review) => review.request === request.id));
  const isPublic = of('publication').at(-1)?.public ?? false;
  const failed = (problem) => toast(problem.message, 'bad');
  const open = () => post(`/v1/cases/${one.id}/capture-links`, { page: `${location.origin}${ROOT}/capture` }).then(setLink, failed);
  const publish = () => post(`/v1/assets/${asset.asset}/passport`, { public: true }).then(() => (of('publication').push({ public: true }), toast(t('home.published'), 'good')), failed);
  return html`
    <div class="row">
      ${!status.expired && html`<${Button} icon="camera" onClick=${open}>${t('home.by_phone')}<//>`}
      ${asked && may('reviewer', 'admin') && html`<${Button} icon="eye" href=${`${ROOT}/review`}>${t('home.open_review')}<//>`}
      ${asset && isPublic && html`<${Button} icon="phone" href=${`${ROOT}/p/${asset.asset}`}>${t('home.passport')}<//>`}
      ${asset && !isPublic && status.evidence === 'verified' && may('store', 'warehouse', 'admin') && html`<${Button} icon="phone" onClick=${publish}>${t('home.publish')}<//>`}
    </div>
    <${Dialog} open=${link !== null} title=${t('home.by_phone')} onClose=${() => setLink(null)}>
      ${link?.qr_svg && html`<img class="qr" src="data:image/svg+xml;charset=utf-8,${encodeURIComponent(link.qr_svg)}" alt=${t('home.qr')} width="240" height="240" />`}
      <p>${t('home.by_phone_text')}</p>
    <//>`;
}

function Offers({ quotes, events }) {
  if (!quotes.length) return null;
  const became = (quote) => events.findLast((one) => one.quote === quote.id)?.event ?? (new Date(quote.valid_until) < new Date() ? 'expired' : 'made');
  return html`
    <section class="card stack"><h3>${t('home.offers')}</h3>
      <ul class="plain stack">${[...quotes].reverse().map((one) => html`<li key=${one.id} class="row"><strong>${money(Number(one.amount), one.currency)}</strong>
        <${Chip} kind=${became(one) === 'accepted' ? 'good' : 'plain'}>${t(`home.offer_${became(one)}`)}<//>
        <span class="quiet">${t('home.valid_until', { when: date(one.valid_until) })}</span></li>`)}</ul>
    </section>`;
}

function Device({ facts }) {
  const asset = facts.findLast((one) => one.fact === 'asset');
  const numbers = facts.filter((one) => one.fact === 'identifier');
  if (!asset && !numbers.length) return null;
  return html`
    <section class="card stack"><h3>${t('home.device')}</h3>
      <p>${asset?.device ?? '—'} ${asset?.storage_gb ? html`<span class="quiet">${number(asset.storage_gb)} GB</span>` : ''}</p>
      ${numbers.map((one) => html`<p key=${one.id} class="quiet"><span class="mono">${one.kind.toUpperCase()} ···${one.last4}</span> ${one.confirmed_by ? t('home.confirmed') : ''}</p>`)}
    </section>`;
}

function Photos({ facts, assessments, id }) {
  const photos = facts.filter((one) => one.fact === 'photo' && one.surface && one.state !== 'erased').reverse();
  const [open, setOpen] = useState(/** @type {any} */ (null));
  const [shown, setShown] = useState(/** @type {any} */ (null));
  const chosen = open ?? photos[0] ?? null;
  useEffect(() => {
    let current = true;
    if (chosen)
      void Promise.all([get(`/v1/photos/${chosen.id}`), sizeOf(address(`/v1/photos/${chosen.id}/image`))]).then(
        ([view, size]) => current && setShown({ view, size, id: chosen.id }),
        () => current && setShown({ id: chosen.id, view: null }),
      );
    return () => void (current = false);
  }, [chosen?.id]);
  if (!chosen) return html`<section class="card stack"><h3>${t('home.photos')}</h3><p class="quiet">${t('home.no_photos')}</p></section>`;
  const surface = t(`phone.surface_${chosen.surface}`);
  const defects = shown?.view?.inspection?.defects ?? [];
  return html`
    <section class="card stack"><h3>${t('home.photos')} <span class="quiet">${number(photos.length)}</span></h3>
      <div class="case-photo">${shown?.id === chosen.id && shown.size
        ? html`<${Picture} src=${address(`/v1/photos/${chosen.id}/image`)} alt=${surface} width=${shown.size.width} height=${shown.size.height}
            outlines=${defects.map((one) => ({ id: one.id, points: one.polygon, kind: one.kind }))} />`
        : shown?.id === chosen.id ? html`<${Notice} kind="warn">${t('home.no_picture')}<//>` : html`<${Loading} />`}</div>
      <p class="quiet">${surface} · ${ago(chosen.at)} · ${t('home.defects', { count: defects.length })}${chosen.degraded ? ` · ${t('home.degraded')}` : ''}</p>
      <ul class="thumbs" aria-label=${t('home.photos')}>${photos.map((one) => html`<li key=${one.id}>
        <button type="button" aria-current=${one.id === chosen.id ? 'true' : undefined} onClick=${() => setOpen(one)}>
          <img src=${address(`/v1/photos/${one.id}/image?w=320`)} alt=${t(`phone.surface_${one.surface}`)} loading="lazy" /></button></li>`)}</ul>
    </section>`;
}

async function sizeOf(src) {
  const picture = new Image();
  picture.src = src;
  await picture.decode();
  return { width: picture.naturalWidth, height: picture.naturalHeight };
}

function Assessments({ id, revisions, reviews }) {
  const [deltas, setDeltas] = useState(/** @type {Record<number, any>} */ ({}));
  const read = (n) => get(`/v1/cases/${id}/assessments/${n}/delta`).then((delta) => setDeltas((now) => ({ ...now, [n]: delta })), () => {});
  if (!revisions.length) return null;
  return html`
    <section class="card stack"><h3>${t('home.assessments')}</h3>
      <ol class="plain stack">${[...revisions].reverse().map((one) => html`<li key=${one.id} class="assessment">
        <div class="row"><span class="grade-mark">${gradeText(one.decision)}</span>
          <span><strong>${t('home.revision', { number: one.number })}</strong> <span class="quiet">${t(`home.source_${one.source}`)} · ${ago(one.at)}</span></span>
          ${one.decision.needs_review && html`<${Chip} kind="warn">${t('home.needs_review')}<//>`}
          ${reviews.filter((review) => review.assessment === one.id).map((review) => html`<${Chip} key=${review.id} kind=${review.verdict === 'accepted' ? 'good' : 'info'}>${t(`home.verdict_${review.verdict}`)}<//>`)}
          ${one.number > 1 && !deltas[one.number] && html`<${Button} kind="quiet" onClick=${() => read(one.number)}>${t('home.why_changed')}<//>`}</div>
        <ul class="reasons" lang="en">${one.decision.reasons.slice(0, 4).map((reason) => html`<li key=${reason.text}>${reason.surface ? `${reason.surface}: ` : ''}${reason.text}</li>`)}</ul>
        ${deltas[one.number] && html`<${Delta} delta=${deltas[one.number]} />`}
      </li>`)}</ol>
    </section>`;
}

function Delta({ delta }) {
  return html`<div class="stack"><p><s class="quiet">${delta.comparison.before}</s> → <strong>${delta.comparison.after}</strong></p>
    ${delta.changes.length === 0 && html`<p class="quiet">${t('home.no_change')}</p>`}
    <ul class="reasons" lang="en">${delta.changes.slice(0, 12).map((one) => html`<li key=${one.change.reason.text} class=${`change-${one.change.effect}`}>${one.change.reason.surface ? `${one.change.reason.surface}: ` : ''}${one.change.reason.text}
      ${one.photos && (one.photos.before || one.photos.after) && html`<span class="pair">${[one.photos.before, one.photos.after].map((photo) => photo && html`<img key=${photo} src=${address(`/v1/photos/${photo}/image?w=320`)} alt="" loading="lazy" />`)}</span>`}</li>`)}</ul></div>`;
}

function History({ facts }) {
  const text = (one) => {
    const name = has(`phone.fact_${one.fact}`) ? t(`phone.fact_${one.fact}`) : one.fact.replaceAll('_', ' ');
    if (one.fact === 'visit') return `${name}: ${t(`phone.channel_${one.channel}`)}`;
    return one.surface ? `${name}: ${t(`phone.surface_${one.surface}`)}` : name;
  };
  return html`
    <section class="card stack"><h3>${t('home.history')}</h3>
      <ol class="history">${[...facts].reverse().slice(0, 60).map((one) => html`<li key=${one.id}><span>${text(one)}</span> <time class="quiet" datetime=${one.at}>${ago(one.at)}</time></li>`)}</ol>
    </section>`;
}
