// The review station: what waits for a person, and one case of it at a time, by keyboard or by hand.
import { Page, start } from '../common/app.js';
import { html, useEffect, useRef, useState } from '../common/html.js';
import { SignedIn } from '../common/session.js';
import { Empty, Failure, Loading, announce, toast } from '../common/ui.js';
import { t } from '../common/words.js';
import { Button } from '../common/ui.js';
import { draftOf, release, releaseOnLeave, sheetOf, take, takeNext } from './desk.js';
import { Queue } from './queue.js';
import { Sheet } from './sheet.js';

const RENEW_AFTER_MS = 120_000;

function Station() {
  const [state, setState] = useState({ at: 'queue', sheet: null, problem: null });
  const open = useRef(/** @type {any} */ (null));
  const ahead = useRef(/** @type {Promise<any> | null} */ (null));
  const waiting = useRef(/** @type {any} */ (null));
  useEffect(() => releaseOnLeave(() => [open.current?.request, waiting.current?.request]), []);
  const show = (sheet) => {
    open.current = sheet;
    waiting.current = null;
    setState({ at: sheet ? 'sheet' : 'empty', sheet, problem: null });
    ahead.current = sheet ? fetchAhead(sheet.request) : null;
  };
  const fetchAhead = async (besides) => {
    try {
      const task = await takeNext(besides);
      waiting.current = task && (await sheetOf(task));
      return waiting.current;
    } catch {
      return null; // asked for again once it is needed
    }
  };
  const load = async (ask) => {
    setState((now) => ({ ...now, at: 'loading' }));
    try {
      const task = await ask();
      show(task ? await sheetOf(task) : null);
    } catch (problem) {
      setState({ at: 'failed', sheet: null, problem });
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
    setState({ at: 'queue', sheet: null, problem: null });
  };
  const again = () => void load(() => (open.current ? take(open.current.request) : takeNext()));
  const { at, sheet, problem } = state;
  if (at === 'loading') return html`<${Loading} />`;
  if (at === 'failed') return html`<${Failure} problem=${problem} onRetry=${() => load(() => takeNext())} />`;
  if (at === 'empty')
    return html`<${Empty} icon="check" title=${t('review.done')} action=${html`<${Button} icon="back" onClick=${leave}>${t('review.to_queue')}<//>`}>
      ${t('review.done_text')}<//>`;
  if (at === 'sheet')
    return html`<${Sheet} key=${`${sheet.request} ${sheet.version}`} sheet=${sheet} draft=${draftOf(sheet.request)} onNext=${next} onLeave=${leave}
      onAgain=${again} />`;
  return html`<${Queue} onStart=${() => load(() => takeNext())} onTake=${(id) => load(() => take(id))} />`;
}

start(() => html`<${Page} title=${t('review.title')} wide><${SignedIn}><${Station} /><//><//>`);
