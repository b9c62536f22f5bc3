import { Page, start } from '../common/app.js';
import { html } from '../common/html.js';
import { t } from '../common/words.js';

start(() => html`<${Page} title=${t('capture.title')} />`);
