// The camera's screen: live guidance over the picture, a shutter that goes by itself and one by hand, help after a while.
import { html, useEffect, useRef, useSignal } from '../common/html.js';
import { Button, Dialog, Icon, Loading } from '../common/ui.js';
import { number, t } from '../common/words.js';
import { Camera, jpegOf } from './camera.js';
import { Explained, Silhouette } from './drawings.js';
import { done, mute, nudge } from './feedback.js';
import { Loop } from './loop.js';
import { keep, outbox, states } from './visit.js';

/** The loop that runs now, for whoever measures it. @type {{now: Loop | null}} */
export const running = { now: null };

/** @param {{surface: string, guide: import('./guide.js').Guide, onFail: (error: unknown) => void, onFiles: () => void}} props */
export function Shooting({ surface, guide, onFail, onFiles }) {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const loop = useSignal(/** @type {Loop | null} */ (null));
  const offered = useSignal(/** @type {any} */ (null));
  const tries = useSignal({});
  const flash = useSignal(0);
  const camera = useRef(/** @type {Camera | null} */ (null));
  const now = useRef(surface);
  now.current = surface;

  useEffect(() => {
    let gone = false;
    const one = new Camera(video.current);
    camera.current = one;
    one.open().then(() => {
      if (gone) return one.close();
      const made = new Loop(one, guide, (bitmap, judgement) => taken(bitmap, judgement));
      made.aim(now.current);
      loop.value = made;
      running.now = made;
      made.run().catch((error) => gone || onFail(error));
    }, (error) => gone || onFail(error));
    return () => {
      gone = true;
      loop.value?.stop();
      one.close();
      running.now = null;
    };
  }, []);
  useEffect(() => loop.value?.aim(surface), [surface, loop.value]);
  useEffect(() => {
    if (loop.value?.message.value && loop.value.message.value !== 'good') nudge();
  }, [loop.value?.message.value]);

  /** Five good frames: the camera's own photo if it is as good as the best of them, else that. */
  const taken = async (bitmap, judgement) => {
    const of = now.current;
    const still = await camera.current.still();
    const best = bitmap ? await jpegOf(bitmap) : null;
    const judged = still ? await judge(still, of) : null;
    const useStill = judged && (!best || !judged.flags.length);
    await store(of, useStill ? still : best, (useStill ? judged : judgement).flags, false);
  };

  const judge = async (blob, of) => guide.judge(await createImageBitmap(blob), of);

  const store = async (of, blob, flags, degraded) => {
    done();
    flash.value += 1;
    await keep(of, blob, flags, guide.rules.codes, degraded);
    tries.value = { ...tries.value, [of]: 0 };
  };

  /** By hand: what the gates say is shown, and after two tries the photo may be used all the same. */
  const shoot = async () => {
    const of = surface;
    if (!loop.value || loop.value.paused) return;
    loop.value.paused = true;
    try {
      const blob = (await camera.current.still()) ?? (await jpegOf(await camera.current.whole()));
      const { flags } = guide.mode === 'starting' ? { flags: null } : await judge(blob, of);
      if (!flags?.length) return await store(of, blob, flags, false);
      tries.value = { ...tries.value, [of]: (tries.value[of] ?? 0) + 1 };
      offered.value = { of, blob, flags, url: URL.createObjectURL(blob) };
    } finally {
      if (!offered.value) loop.value.paused = false;
    }
  };

  const close = () => {
    if (!offered.value) return;
    URL.revokeObjectURL(offered.value.url);
    offered.value = null;
    loop.value.paused = false;
    loop.value.again();
  };

  const anyway = async () => {
    const { of, blob, flags } = offered.value;
    await store(of, blob, flags, true);
    close();
  };

  const shootAnyway = async () => {
    loop.value.paused = true;
    try {
      const blob = (await camera.current.still()) ?? (await jpegOf(await camera.current.whole()));
      const { flags } = await judge(blob, surface);
      await store(surface, blob, flags, flags.length > 0);
    } finally {
      loop.value.paused = false;
      loop.value.again();
    }
  };

  const message = loop.value?.message.value ?? '';
  const isTime = (loop.value?.late.value || (tries.value[surface] ?? 0) >= 2) && !offered.value;
  return html`
    <main class="shooting" aria-label=${t('capture.title')}>
      <video ref=${video} muted playsinline aria-hidden="true" />
      <${Silhouette} surface=${surface} good=${message === 'good'} />
      ${flash.value > 0 && html`<span class="flash" key=${flash.value} />`}
      <${Head} surface=${surface} camera=${camera.current} />
      <p class="say say-${message === 'good' ? 'good' : 'todo'}" role="status" aria-live="polite">
        ${message ? says(message, surface) : t(guide.mode === 'starting' ? 'capture.wakes' : 'capture.say_start')}</p>
      ${isTime && html`<${Help} code=${message} surface=${surface} onAnyway=${shootAnyway} onAgain=${() => {
        tries.value = { ...tries.value, [surface]: 0 };
        loop.value.again();
      }} />`}
      <${Foot} onShoot=${shoot} onFiles=${onFiles} good=${loop.value?.good.value ?? 0} of=${guide.rules?.aims.good_frames ?? 5} />
      ${!loop.value && html`<div class="shooting-wait"><${Loading} text=${t('capture.opens')} /></div>`}
      <${Offered} photo=${offered.value} tries=${tries.value[surface] ?? 0} most=${guide.rules?.aims.tries ?? 2} onClose=${close} onAnyway=${anyway} />
    </main>`;
}

/** One message of at most six words. @param {string} code @param {string} surface */
const says = (code, surface) => t(code === 'view_mismatch' ? `capture.show_${surface}` : `capture.say_${code}`);

function Head({ surface, camera }) {
  const all = Object.entries(states.value);
  const done = all.filter(([, one]) => !['missing', 'retake'].includes(one.state)).length;
  const torch = useSignal(false);
  const quiet = useSignal(false);
  const light = async () => {
    torch.value = !torch.value;
    await camera.torch(torch.value).catch(() => (torch.value = false));
  };
  const share = Object.values(outbox.progress.value);
  const waiting = outbox.entries.value.length;
  return html`
    <div class="shooting-head">
      <h1>${t(`capture.${surface}`)} <small>${t('capture.step', { step: Math.min(all.length, done + 1), of: all.length })}</small></h1>
      <span class="bar-gap" />
      ${waiting > 0 && html`<span class="chip shooting-chip" role="status"><${Icon} name=${outbox.stuck.value ? 'offline' : 'cloud'} />
        ${outbox.stuck.value ? t('capture.kept', { count: waiting }) : t('capture.sending', { percent: number(share[share.length - 1] ?? 0, { style: 'percent' }) })}</span>`}
      ${camera?.hasTorch && html`<button class="button button-round on-dark" type="button" aria-pressed=${torch.value} onClick=${light}><${Icon} name="light" label=${t('capture.torch')} /></button>`}
      <button class="button button-round on-dark" type="button" aria-pressed=${quiet.value} onClick=${() => mute((quiet.value = !quiet.value))}>
        <${Icon} name=${quiet.value ? 'quiet' : 'sound'} label=${t('capture.mute')} /></button>
    </div>`;
}

function Foot({ onShoot, onFiles, good, of }) {
  return html`
    <div class="shooting-foot">
      <button class="button on-dark" type="button" onClick=${onFiles}><${Icon} name="upload" /> <span>${t('capture.file_short')}</span></button>
      <button class="shutter" type="button" aria-label=${t('capture.shoot')} onClick=${onShoot}
        style=${{ '--turn': `${Math.min(1, good / of)}turn` }}><span /></button>
      <ol class="dots" aria-hidden="true">${Object.entries(states.value).map(([surface, one]) => html`<li key=${surface} class="dot-${one.state}" />`)}</ol>
    </div>`;
}

/** After a while without a good frame: what is wrong, in a picture, and the way on. */
function Help({ code, surface, onAnyway, onAgain }) {
  const about = code && code !== 'good' ? code : 'no_outline';
  return html`
    <section class="help" aria-label=${t('capture.help')}>
      <${Explained} code=${about} alt=${t(`capture.why_${about}`)} />
      <p>${t(`capture.why_${about}`)}</p>
      <div class="row">
        <${Button} kind="primary" onClick=${onAgain}>${t('capture.again')}<//>
        <${Button} onClick=${onAnyway}>${t('capture.anyway')}<//>
      </div>
    </section>`;
}

/** A photo taken by hand that the gates object to. */
function Offered({ photo, tries, most, onClose, onAnyway }) {
  const code = photo?.flags[0];
  return html`
    <${Dialog} open=${Boolean(photo)} title=${code ? says(code, photo.of) : ''} onClose=${onClose}
      actions=${html`${tries >= most && html`<${Button} onClick=${onAnyway}>${t('capture.anyway')}<//>`}
        <${Button} kind="primary" onClick=${onClose}>${t('capture.take_again')}<//>`}>
      ${photo && html`<img class="offered" src=${photo.url} alt=${t('capture.your_photo')} />
        ${tries >= most && html`<${Explained} code=${code} alt=${t(`capture.why_${code}`)} />`}
        <p>${t(`capture.why_${code}`)}</p>`}
    <//>`;
}
