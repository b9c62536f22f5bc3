// Functional tests, on the customer's own phone by a code; the kiosk waits for the last one.
import { online } from '../common/app.js';
import { Problem } from '../common/api.js';
import { html, useEffect, useState } from '../common/html.js';
import { t } from '../common/words.js';
import { KioskButton, Screen, stay } from './screen.js';
import { goOn, tested, testLink, visit } from './visit.js';

const POLL_MS = 2000;

export function TestsScreen() {
  const [link, setLink] = useState(/** @type {any} */ (undefined));
  const next = () => goOn('tests');
  useEffect(() => {
    const own = visit.value.session;
    let timer = 0;
    const ask = async () => {
      try {
        if (await tested()) return !gone && visit.value.session === own && next();
        stay(); // whoever tests a phone is there, though they do not touch the kiosk
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
      if (!gone) timer = setTimeout(ask, POLL_MS);
    };
    let gone = false;
    const show = (answer) => {
      if (gone) return;
      setLink(answer);
      if (answer) void ask();
    };
    testLink().then(show, () => show(null));
    return () => ((gone = true), clearTimeout(timer));
  }, [online.value]);
  if (link === undefined) return html`<${Screen} id="tests" title=${t('kiosk.checking')} />`;
  return html`
    <${Screen} id="tests" title=${t(link ? 'kiosk.tests' : 'kiosk.tests_offline')}>
      ${link && html`<img class="kiosk-qr" src=${`data:image/svg+xml,${encodeURIComponent(link.qr_svg)}`} alt=${t('kiosk.tests_code')} />`}
      <${KioskButton} primary=${!link} onClick=${next}>${t('kiosk.go_on')}<//>
    <//>`;
}
