// Which phone it is, and how much it holds: the price depends on both.
import { get } from '../common/api.js';
import { html, useEffect, useState } from '../common/html.js';
import { t } from '../common/words.js';
import { KioskButton, Screen } from './screen.js';
import { described } from './visit.js';

const SIZES_GB = [64, 128, 256, 512, 1024];
const SHOWN = 5;

export function ModelScreen() {
  const [wanted, setWanted] = useState('');
  const [found, setFound] = useState(/** @type {string[]} */ ([]));
  const [device, setDevice] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    if (wanted.trim().length < 2) return setFound([]);
    const stop = new AbortController();
    get(`/v1/devices?limit=${SHOWN}&q=${encodeURIComponent(wanted.trim())}`, { signal: stop.signal, tries: 1 })
      .then((answer) => setFound(answer.devices.map((one) => one.name)), () => setFound([]));
    return () => stop.abort();
  }, [wanted]);
  if (device) {
    return html`<${Screen} id="storage" title=${t('kiosk.storage')}>
      <div class="kiosk-options">${SIZES_GB.map((size) => html`<${KioskButton} key=${size} onClick=${() => described(device, size)}>${size < 1000 ? `${size} GB` : '1 TB'}<//>`)}</div>
    <//>`;
  }
  return html`<${Screen} id="model" title=${t('kiosk.model')}>
    <input class="kiosk-number" type="text" autocomplete="off" spellcheck="false" aria-label=${t('kiosk.model_label')} value=${wanted} onInput=${(event) => setWanted(event.currentTarget.value)} />
    <div class="kiosk-options">${found.map((name) => html`<${KioskButton} key=${name} onClick=${() => setDevice(name)}>${name}<//>`)}</div>
    <${KioskButton} onClick=${() => described(null, null)}>${t('kiosk.model_unknown')}<//>
  <//>`;
}
