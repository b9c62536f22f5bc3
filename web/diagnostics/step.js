// What the screens of the steps share: a frame with the time that is left and a way past, questions, full screens.
import { html, useEffect, useRef, useState } from '../common/html.js';
import { Button, Progress } from '../common/ui.js';
import { t } from '../common/words.js';

/**
 * Count down, and call `onEnd` once when the time is up.
 * @param {number} limitS @param {() => void} onEnd @returns {number} seconds left
 */
export function useCountdown(limitS, onEnd) {
  const [left, setLeft] = useState(limitS);
  const end = useRef(onEnd);
  end.current = onEnd;
  useEffect(() => {
    const ends = performance.now() + limitS * 1000;
    const timer = setInterval(() => {
      const now = Math.max(0, (ends - performance.now()) / 1000);
      setLeft(now);
      if (now === 0) {
        clearInterval(timer);
        end.current();
      }
    }, 200);
    return () => clearInterval(timer);
  }, []);
  return left;
}

/** The frame of a step: name, what to do, the time that is left, skip. @param {{id: string, left: number, limitS: number, onSkip: () => void, children?: any}} props */
export function Frame({ id, left, limitS, onSkip, children }) {
  return html`
    <section class="card stack diagnostics-step" data-step=${id}>
      <h1>${t(`diagnostics.${id}`)}</h1>
      <p>${t(`diagnostics.${id}_do`)}</p>
      ${children}
      <${Progress} value=${limitS - left} max=${limitS} label=${t('diagnostics.time')} />
      <div class="row diagnostics-actions"><span class="quiet">${t('diagnostics.left', { seconds: Math.ceil(left) })}</span>
        <${Button} kind="secondary" onClick=${onSkip}>${t('diagnostics.skip')}<//></div>
    </section>`;
}

/** A question with its answers as large buttons. @param {{text: string, answers: [string, () => void][]}} props */
export const Question = ({ text, answers }) => html`
  <fieldset class="diagnostics-question"><legend>${text}</legend>
    <div class="row">${answers.map(([label, act]) => html`<${Button} size="large" kind="secondary" onClick=${act}>${label}<//>`)}</div>
  </fieldset>`;

/** A layer over the whole screen; leaves with the browser's full screen where there is one. */
export function Whole({ class: more = '', style, children, ...rest }) {
  const layer = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    layer.current?.requestFullscreen?.().catch(() => {});
    return () => void (document.fullscreenElement && document.exitFullscreen().catch(() => {}));
  }, []);
  return html`<div ref=${layer} class="diagnostics-whole ${more}" style=${style} ...${rest}>${children}</div>`;
}

/**
 * A step that needs nobody: `run(signal)` answers its result.
 * @param {{id: string, covers: string[], limitS: number, run: (signal: AbortSignal) => Promise<any>, done: (result: any) => void, onLate: () => any, onSkip: () => any, children?: any}} props
 */
export function Automatic({ id, limitS, run, done, onLate, onSkip, children }) {
  const stop = useRef(/** @type {AbortController | null} */ (null));
  const finish = (result) => {
    stop.current?.abort();
    done(result);
  };
  const left = useCountdown(limitS, () => finish(onLate()));
  useEffect(() => {
    const own = (stop.current = new AbortController());
    run(own.signal).then((result) => own.signal.aborted || finish(result), (error) => own.signal.aborted || finish(onLate(error)));
    return () => own.abort();
  }, []);
  return html`<${Frame} id=${id} left=${left} limitS=${limitS} onSkip=${() => finish(onSkip())}>${children}<//>`;
}

/** @param {number} ms @param {AbortSignal} [signal] @returns {Promise<void>} */
export const pause = (ms, signal) => new Promise((go, stop) => {
  const timer = setTimeout(go, ms);
  signal?.addEventListener('abort', () => (clearTimeout(timer), stop(new DOMException('stopped', 'AbortError'))));
});
