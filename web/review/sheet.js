// One case under review: its sides, its defects, and the verdict.
import { html, useEffect, useRef, useState } from '../common/html.js';
import { Button, Chip, Icon, Notice, announce, toast } from '../common/ui.js';
import { ago, t } from '../common/words.js';
import { keepDraft, take, tryOut } from './desk.js';
import { KeysHelp, useKeys } from './keys.js';
import { isChanged, KINDS, marksOf, namesAfter, verdictsOf, withDrawn, withKind, withOutline } from './marks.js';
import { Defects, rulesBy } from './panel.js';
import { Beside, Strip, useSeen } from './sides.js';
import { Changes, Grades, LostDialog, VerdictBar, WhyDialog } from './verdict.js';
import { Viewer } from './viewer.js';

const TRY_AFTER_MS = 350;
const KEEP_BEFORE_MS = 4 * 60_000;

/** @param {{sheet: any, draft: any, lost: any, onSend: (sheet: any, verdict: any) => Promise<any>, onNext: () => void, onLeave: () => void, onAgain: () => void}} props */
export function Sheet({ sheet, draft, lost, onSend, onNext, onLeave, onAgain }) {
  const { sides, task } = sheet;
  const judging = useJudging(sheet, draft);
  const { marks, selected, mark } = judging;
  const [at, setAt] = useState(() => Math.max(0, sides.findIndex((one) => one.surface === marks[0]?.surface)));
  const [tool, setTool] = useState(/** @type {any} */ (null));
  const [shown, setShown] = useState(true);
  const [compare, setCompare] = useState(false);
  const [focusOn, setFocusOn] = useState(0);
  const [help, setHelp] = useState(false);
  const side = sides[at];
  const unseen = useSeen(sides, side);
  const edited = marks.some(isChanged) || judging.removed;
  const trial = useTrial(sheet, marks, edited);
  const verdict = useVerdict(sheet, judging, { onSend, edited, unseen, lost });
  useLease(sheet, verdict.setLost);
  const names = namesAfter(marks, sheet.drawnBefore);
  const pick = (id) => {
    const one = marks.find((other) => other.id === id);
    if (!one) return;
    judging.select(id);
    setAt(sides.findIndex((other) => other.surface === one.surface));
    setFocusOn((count) => count + 1);
    announce(`${t(`phone.surface_${one.surface}`)}: ${one.kind ? t(`phone.kind_${one.kind}`) : t('review.no_damage')}`);
  };
  const step = (by) => {
    const index = marks.findIndex((one) => one.id === selected);
    if (marks.length) pick(marks[index < 0 ? (by > 0 ? 0 : marks.length - 1) : (index + by + marks.length) % marks.length].id);
  };
  const turn = (by) => {
    setAt((at + by + sides.length) % sides.length);
    judging.select(null);
    setTool(null);
  };
  const kind = (one) => {
    if (mark) judging.judge(withKind(marks, mark.id, one), mark.id);
  };
  const target = tool === 'eraser' || (tool === 'brush' && mark?.outlined) ? (mark?.surface === side.surface ? selected : null) : null;
  const outlined = (polygon, on) => {
    if (on) return judging.judge(withOutline(marks, on, polygon), on);
    const drawn = withDrawn(marks, { surface: side.surface, sha256: side.sha256, kind: judging.lastKind, polygon });
    judging.judge(drawn.marks, drawn.id);
    announce(t('review.drawn'));
    if (tool === 'polygon') setTool(null);
  };
  const choose = (one) => {
    if (one === 'eraser' && (!mark || mark.surface !== side.surface)) return toast(t('review.erase_what'), 'info');
    setTool(tool === one ? null : one);
    if (one && tool !== one) document.querySelector('.viewer-pane')?.focus();
  };
  useKeys({
    next_mark: () => step(1),
    previous_mark: () => step(-1),
    next_side: () => turn(1),
    previous_side: () => turn(-1),
    kind: (key) => kind(KINDS[Number(key) - 1]),
    no_damage: () => kind(null),
    brush: () => choose('brush'),
    eraser: () => choose('eraser'),
    polygon: () => choose('polygon'),
    undo: judging.undo,
    overlay: () => setShown(!shown),
    compare: () => setCompare(!compare),
    accept: () => verdict.ask('accepted'),
    fix: () => verdict.ask('fixed'),
    reject: () => verdict.ask('rejected'),
    second: () => verdict.ask('second_opinion'),
    help: () => setHelp(true),
  });
  const decision = trial.answer?.decision ?? sheet.record.decision;
  const tools = [['brush', 'B'], ['eraser', 'E'], ['polygon', 'P']];
  return html`
    <div class="review" data-case=${task.request.case}>
      <${Head} task=${task} sheet=${sheet} onLeave=${onLeave} onHelp=${() => setHelp(true)} />
      <div class="review-photo">
        <div class="review-bar" role="toolbar" aria-label=${t('review.tools')}>
          <h2>${t(`phone.surface_${side.surface}`)}</h2>
          <span class="bar-gap" />
          ${tools.map(([name, key]) => html`<button type="button" key=${name} class="tool" aria-pressed=${tool === name} onClick=${() => choose(name)}>
            <${Icon} name=${name} /><span>${t(`review.tool_${name}`)}</span><kbd>${key}</kbd></button>`)}
          <button type="button" class="tool" disabled=${!judging.canUndo} onClick=${judging.undo}><${Icon} name="undo" /><span>${t('review.undo')}</span><kbd>Z</kbd></button>
          <button type="button" class="tool" aria-pressed=${shown} onClick=${() => setShown(!shown)}><${Icon} name="eye" /><span>${t('review.overlay')}</span></button>
          <button type="button" class="tool" aria-pressed=${compare} onClick=${() => setCompare(!compare)}><${Icon} name="compare" /><span>${t('review.compare')}</span><kbd>X</kbd></button>
        </div>
        <div class="review-views">
          <${Viewer} side=${side} alt=${t('review.photo_of', { surface: t(`phone.surface_${side.surface}`) })} shown=${shown}
            marks=${marks.filter((one) => one.surface === side.surface)} selected=${selected} tool=${tool} target=${target} focusOn=${focusOn}
            onSelect=${pick} onOutline=${outlined} onDone=${() => setTool(null)}>
            ${side.failed && html`<div class="viewer-none"><${Notice} kind="warn">${t('review.no_picture')}<//></div>`}
            ${!side.usable && html`<div class="viewer-none"><${Notice} kind="warn">${t('review.not_inspected')}<//></div>`}
          <//>
          <${Beside} side=${side} compare=${compare} earlier=${sheet.earlier[side.surface] ?? []} />
        </div>
        <${Strip} sides=${sides} at=${at} marks=${marks} unseen=${unseen} onPick=${(index) => turn(index - at)} />
      </div>
      <aside class="review-panel" aria-label=${t('review.panel')}>
        <${Grades} before=${sheet.record.decision} trial=${trial.answer} busy=${trial.busy} />
        ${trial.problem && html`<${Notice} kind="bad">${t('review.trial_failed')} <span lang="en">${trial.problem.message}</span><//>`}
        ${trial.answer && html`<${Changes} comparison=${trial.answer.comparison} />`}
        <${Defects} sides=${sides} marks=${marks} selected=${selected} side=${side.surface} rules=${rulesBy(decision)} names=${names}
          sizes=${trial.sizes} measuring=${!trial.problem} onSelect=${pick} onKind=${kind} />
        <${VerdictBar} unseen=${unseen.length} edited=${edited} busy=${verdict.busy} onAccept=${() => verdict.ask('accepted')} onFix=${() => verdict.ask('fixed')}
          onReject=${() => verdict.ask('rejected')} onSecond=${() => verdict.ask('second_opinion')} />
      </aside>
      <${WhyDialog} kind=${verdict.why} busy=${verdict.busy !== ''} onSend=${(why) => verdict.send(verdict.why, why)} onClose=${() => verdict.setWhy(null)} />
      <${LostDialog} problem=${verdict.lost} sheet=${sheet} onLeave=${onNext} onClose=${() => verdict.setLost(null)}
        onRetake=${async () => {
          await take(sheet.request);
          onAgain();
        }} />
      <${KeysHelp} open=${help} onClose=${() => setHelp(false)} />
    </div>`;
}

function Head({ task, sheet, onLeave, onHelp }) {
  const { request, dispute } = task;
  const why = task.assessment.decision.review;
  return html`
    <div class="review-head">
      <${Button} kind="quiet" icon="back" onClick=${onLeave}>${t('review.to_queue')}<//>
      <${Chip} kind=${request.reason === 'disputed' ? 'warn' : 'info'}>${t(`phone.reason_${request.reason}`)}<//>
      <span class="quiet">${ago(request.at)}${request.due_at ? ` · ${t('review.due', { when: ago(request.due_at) })}` : ''}</span>
      <span class="quiet">${sheet.record.device.name}${sheet.record.device.assumed ? ` (${t('review.assumed')})` : ''}</span>
      <span class="bar-gap" />
      <${Button} kind="quiet" onClick=${onHelp}>${t('review.keys')} <kbd>?</kbd><//>
      ${dispute && html`<blockquote class="review-says"><${Icon} name="speech" /><span><strong>${t('review.customer_says')}</strong> ${dispute.text}</span></blockquote>`}
      ${why.length > 0 && html`<p class="review-why" lang="en">${why.map((one) => one.text).join(' · ')}</p>`}
    </div>`;
}

/** Marks, the one that is selected, and every state before: undoing goes back one. */
function useJudging(sheet, draft) {
  const kept = draft && draft.assessment === sheet.assessment ? draft.marks : null;
  const [state, setState] = useState(() => ({ marks: kept ?? sheet.marks, selected: null, before: [], lastKind: 'scratch' }));
  const keep = (next) => {
    keepDraft(sheet.request, { assessment: sheet.assessment, marks: next.marks });
    return next;
  };
  const mark = state.marks.find((one) => one.id === state.selected) ?? null;
  return {
    ...state,
    mark,
    canUndo: state.before.length > 0,
    removed: false,
    select: (id) => setState((now) => ({ ...now, selected: id })),
    judge: (marks, id) =>
      setState((now) => {
        const one = marks.find((other) => other.id === id);
        return keep({ marks, selected: one ? id : null, before: [...now.before, now.marks], lastKind: one?.kind ?? now.lastKind });
      }),
    undo: () =>
      setState((now) => {
        const marks = now.before[now.before.length - 1];
        if (!marks) return now;
        const selected = marks.some((one) => one.id === now.selected) ? now.selected : null;
        return keep({ ...now, marks, selected, before: now.before.slice(0, -1) });
      }),
    reset: () => setState({ marks: marksOf(sheet.sides), selected: null, before: [], lastKind: 'scratch' }),
  };
}

/** Ask what the edits would change, a moment after the last of them. */
function useTrial(sheet, marks, edited) {
  const [state, setState] = useState({ answer: null, sizes: {}, busy: false, problem: null });
  useEffect(() => {
    if (!edited) return setState({ answer: null, sizes: {}, busy: false, problem: null });
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      setState((now) => ({ ...now, busy: true }));
      const judged = marks.filter((one) => one.judged);
      try {
        const answer = await tryOut(sheet.request, verdictsOf(marks), stop.signal);
        const sizes = Object.fromEntries(judged.map((one, index) => [one.id, answer.measured[index]]).filter(([, size]) => size));
        setState({ answer, sizes, busy: false, problem: null });
      } catch (problem) {
        if (!stop.signal.aborted) setState((now) => ({ ...now, answer: null, busy: false, problem }));
      }
    }, TRY_AFTER_MS);
    return () => (clearTimeout(timer), stop.abort());
  }, [marks, edited]);
  return state;
}

/** Send a verdict, once every side was looked at. */
function useVerdict(sheet, judging, { onSend, edited, unseen, lost: lostBefore }) {
  const [busy, setBusy] = useState('');
  const [why, setWhy] = useState(/** @type {any} */ (null));
  const [lost, setLost] = useState(/** @type {any} */ (null));
  useEffect(() => lostBefore && tell(lostBefore), [lostBefore]);
  const began = useRef(Date.now());
  const send = async (verdict, text) => {
    setBusy(verdict);
    const seconds = Math.round((Date.now() - began.current) / 100) / 10;
    try {
      await onSend(sheet, { verdict, why: text || null, seconds, defects: verdictsOf(judging.marks) });
    } catch (problem) {
      setBusy('');
      setWhy(null);
      tell(problem);
    }
  };
  const tell = (problem) => {
    if (problem.status === 409 || problem.status === 412) setLost(problem);
    else toast(problem.status === 0 ? t('common.no_network') : problem.message, 'bad');
  };
  const ask = (verdict) => {
    if (busy) return;
    if (unseen.length) return toast(t('review.look_first', { count: unseen.length }), 'info');
    if (verdict === 'accepted' && edited) return toast(t('review.fix_hint'), 'info');
    if (verdict === 'fixed' && !edited) return toast(t('review.accept_hint'), 'info');
    if (verdict === 'accepted' || verdict === 'fixed') return void send(verdict, '');
    setWhy(verdict);
  };
  return { busy, why, setWhy, lost, setLost, ask, send };
}

/** Keep the lease while somebody works on the case; say so when it ends unused. */
function useLease(sheet, setLost) {
  useEffect(() => {
    let until = new Date(sheet.task.leased_until).getTime();
    let active = Date.now();
    const moved = () => (active = Date.now());
    const timer = setInterval(async () => {
      if (until - Date.now() > KEEP_BEFORE_MS || Date.now() - active > KEEP_BEFORE_MS) return;
      try {
        until = new Date((await take(sheet.request)).leased_until).getTime();
      } catch (problem) {
        if (problem.status === 409) setLost(problem);
      }
    }, 30_000);
    for (const name of ['keydown', 'pointermove']) addEventListener(name, moved, { passive: true });
    return () => {
      clearInterval(timer);
      for (const name of ['keydown', 'pointermove']) removeEventListener(name, moved);
    };
  }, []);
}
