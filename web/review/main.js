// The review station: what waits for a person, and one case of it at a time, by keyboard or by hand.
import { Page, start } from '../common/app.js';
import { html, useEffect, useRef, useState } from '../common/html.js';
import { SignedIn } from '../common/session.js';
import { Button, Empty, Failure, Loading, announce, toast } from '../common/ui.js';
import { t } from '../common/words.js';
import { draftOf, forgetDraft, give, release, releaseOnLeave, sheetOf, take, takeNext } from './desk.js';
import { Queue } from './queue.js';
import { Sheet } from './sheet.js';
import { gradeText } from './verdict.js';

const RENEW_AFTER_MS = 120_000;

function Station() {
  const [state, setState] = useState({ at: 'queue', sheet: null, problem: null, lost: null });
  const open = useRef(/** @type {any} */ (null));
  const ahead = useRef(/** @type {Promise<any> | null} */ (null));
  const waiting = useRef(/** @type {any} */ (null));
  const sending = useRef(/** @type {Promise<any>} */ (Promise.resolve()));
  useEffect(() => releaseOnLeave(() => [open.current?.request, waiting.current?.request]), []);
  const show = (sheet, lost = null) => {
    open.current = sheet;
    waiting.current = null;
    setState({ at: sheet ? 'sheet' : 'empty', sheet, problem: null, lost });
    ahead.current = sheet ? fetchAhead(sheet.request) : null;
  };
  const fetchAhead = async (besides) => {
    try {
      await sending.current; // until then the case before is still ours, and would come again
      const task = await takeNext(besides);
      const sheet = task && (await sheetOf(task));
      if (open.current?.request === besides) waiting.current = sheet;
      return sheet;
    } catch {
      return null; // asked for again once it is needed
    }
  };
  /** Send a verdict while the next case is shown already; a case that was lost comes back with all that was judged. */
  const send = (sheet, verdict) => {
    const sent = give(sheet.request, sheet.version, verdict).then((done) => {
      forgetDraft(sheet.request);
      const change = done.comparison;
      const values = change && { number: done.assessment, before: gradeText(change.before), after: gradeText(change.after) };
      toast(change ? t('review.sent_fixed', values) : t(`review.sent_${verdict.verdict}`), 'good');
    });
    sending.current = sent.catch(() => {});
    if (waiting.current) void next();
    return sent.then(
      () => open.current === sheet && next(),
      (problem) => {
        if (open.current !== sheet) {
          if (open.current) void release(open.current.request);
          show(sheet, problem);
        }
        throw problem;
      },
    );
  };
  const load = async (ask) => {
    setState((now) => ({ ...now, at: 'loading' }));
    try {
      const task = await ask();
      show(task ? await sheetOf(task) : null);
    } catch (problem) {
      setState({ at: 'failed', sheet: null, problem, lost: null });
    }
  };
  const next = async () => {
    open.current = null;
    const ready = waiting.current ?? (await ahead.current);
    if (!ready) return load(() => takeNext());
    show(ready);
    announce(t('review.opened', { reason: t(`phone.reason_${ready.task.request.reason}`) }));
    if (Date.now() - ready.readAt < RENEW_AFTER_MS) return;
    const renewed = await take(ready.request).catch((problem) => problem);
    if (open.current?.request !== ready.request) return;
    if (renewed.version === undefined || renewed.version !== ready.version) {
      toast(t('review.moved_on'), 'warn');
      void load(() => takeNext());
    }
  };
  const leave = () => {
    for (const sheet of [open.current, waiting.current]) if (sheet) void release(sheet.request);
    open.current = waiting.current = ahead.current = null;
    setState({ at: 'queue', sheet: null, problem: null, lost: null });
  };
  const again = () => void load(() => (open.current ? take(open.current.request) : takeNext()));
  const { at, sheet, problem, lost } = state;
  if (at === 'loading') return html`<${Loading} />`;
  if (at === 'failed') return html`<${Failure} problem=${problem} onRetry=${() => load(() => takeNext())} />`;
  if (at === 'empty')
    return html`<${Empty} icon="check" title=${t('review.done')} action=${html`<${Button} icon="back" onClick=${leave}>${t('review.to_queue')}<//>`}>
      ${t('review.done_text')}<//>`;
  if (at === 'sheet')
    return html`<${Sheet} key=${`${sheet.request} ${sheet.version}`} sheet=${sheet} draft=${draftOf(sheet.request)} lost=${lost}
      onSend=${send} onNext=${next} onLeave=${leave} onAgain=${again} />`;
  return html`<${Queue} onStart=${() => load(() => takeNext())} onTake=${(id) => load(() => take(id))} />`;
}

start(() => html`<${Page} title=${t('review.title')} wide><${SignedIn}><${Station} /><//><//>`);
