// Six photos: the phone is laid as the screen says, and the camera or the rig takes it.
import { html, useEffect, useRef, useState } from '../common/html.js';
import { t } from '../common/words.js';
import { KioskButton, Screen, stay } from './screen.js';
import { camera, folder, nextFile, photoOf, startWatching } from './sources.js';
import { later, photographed, SURFACES, visit } from './visit.js';

export function PhotosScreen() {
  const [surface] = visit.value.surfaces;
  const place = { number: SURFACES.indexOf(surface) + 1, all: SURFACES.length };
  return html`<${Screen} id="photos" title=${t(`kiosk.lay_${surface}`)} text=${t('kiosk.photo_count', place)}>
    ${folder.value ? html`<${FromFolder} key=${surface} surface=${surface} />` : html`<${FromCamera} surface=${surface} />`}
  <//>`;
}

/** The rig writes files; each new one is the surface that is asked for. */
function FromFolder({ surface }) {
  useEffect(() => {
    const stop = new AbortController();
    const begun = surface === visit.value.surfaces[0] && surface === SURFACES[0] ? startWatching() : Promise.resolve();
    begun.then(() => nextFile(stop.signal)).then((photo) => stop.signal.aborted || (stay(), photographed(surface, photo)), () => {});
    return () => stop.abort();
  }, []);
  return html`<p class="kiosk-wait" role="status">${t('kiosk.rig')}</p>`;
}

function FromCamera({ surface }) {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const stream = useRef(/** @type {MediaStream | null} */ (null));
  const [state, setState] = useState('opening');
  useEffect(() => {
    let gone = false;
    camera().then((one) => {
      if (gone) return one.getTracks().forEach((track) => track.stop());
      stream.current = one;
      video.current.srcObject = one;
      void video.current.play();
      setState('ready');
    }, () => setState('missing'));
    return () => ((gone = true), stream.current?.getTracks().forEach((track) => track.stop()));
  }, []);
  const take = async () => {
    setState('taking');
    await photographed(surface, await photoOf(stream.current, video.current));
    setState('ready');
  };
  if (state === 'missing') return html`<p role="alert">${t('kiosk.no_camera')}</p><${KioskButton} primary onClick=${later}>${t('kiosk.go_on')}<//>`;
  return html`
    <video ref=${video} class="kiosk-view" muted playsinline aria-label=${t('kiosk.view')} />
    <${KioskButton} primary icon="camera" busy=${state !== 'ready'} onClick=${take}>${t('kiosk.take')}<//>`;
}
