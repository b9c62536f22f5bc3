// What every page draws with: Preact by templates, hooks and signals, from one place.
import { Component, Fragment, h, render } from '../vendor/preact.js';
import htm from '../vendor/htm.js';

export { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from '../vendor/preact-hooks.js';
export { batch, computed, effect, signal, useComputed, useSignal, useSignalEffect } from '../vendor/signals.js';
export { Component, Fragment, render };

/** html`<${Button} kind="primary" onClick=${load}>${t('common.retry')}<//>` */
export const html = htm.bind(h);
