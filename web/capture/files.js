// Where there is no camera for the page: one file a surface, which the service judges.
import { html, useId } from '../common/html.js';
import { Button, Notice } from '../common/ui.js';
import { t } from '../common/words.js';
import { Silhouette } from './drawings.js';
import { keep, states } from './visit.js';

const MOST_BYTES = 30_000_000;

/** @param {{surface: string, reason: string, onCamera: () => void}} props */
export function Files({ surface, reason, onCamera }) {
  const id = useId();
  const all = Object.values(states.value);
  const take = async (event) => {
    const [file] = event.currentTarget.files;
    event.currentTarget.value = '';
    if (file && file.size <= MOST_BYTES) await keep(surface, file, null, [], false);
  };
  const one = states.value[surface];
  return html`
    ${reason && html`<div role="status"><${Notice} kind="warn" title=${t('capture.no_camera')}>${t(reason)}<//></div>`}
    <div class="file-one">
      <${Silhouette} surface=${surface} good=${false} />
      <h1>${t(`capture.${surface}`)}</h1>
      <p class="quiet" role="status">${t('capture.step', { step: all.filter((other) => other.state !== 'missing').length + (one?.state === 'missing' ? 1 : 0), of: all.length })}
        ${one?.state === 'retake' ? ` · ${t('capture.retake_one')}` : ''}</p>
      <label class="button button-primary button-large" for=${id}>${t('capture.take_file')}</label>
      <input id=${id} class="unseen" type="file" accept="image/*" capture="environment" onChange=${take} />
      <p class="hint">${t(`capture.how_${surface === 'front' || surface === 'back' ? 'face' : 'edge'}`)}</p>
    </div>
    ${!reason && html`<${Button} kind="quiet" icon="camera" onClick=${onCamera}>${t('capture.use_camera')}<//>`}`;
}
