// Who is signed in. `session.value` is undefined until known, null for nobody.
import { del, get, post, Problem } from './api.js';
import { html, signal, useEffect, useState } from './html.js';
import { Button, Failure, Field, Loading } from './ui.js';
import { t } from './words.js';

/** @typedef {{id: string, tenant: string, scopes: string[], case: string | null, until: string | null}} Session */

/** @type {import('../vendor/signals.js').Signal<Session | null | undefined>} */
export const session = signal(undefined);

/** Whether who is signed in has one of the scopes. @param {...string} scopes */
export const may = (...scopes) => session.value?.scopes.some((one) => scopes.includes(one)) ?? false;

/** Ask the service who is signed in. */
export async function whoAsks() {
  try {
    session.value = await get('/v1/session');
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    session.value = null;
  }
  return session.value;
}

/** Begin a session with an API key. @param {string} key */
export async function signIn(key) {
  session.value = await post('/v1/session', undefined, { bearer: key });
  return session.value;
}

/** End the session, and whatever this browser kept. */
export async function signOut() {
  await del('/v1/session');
  session.value = null;
}

/** Show `children` to who is signed in, and ask the others for their key. */
export function SignedIn({ children }) {
  const [problem, setProblem] = useState(null);
  const look = () => whoAsks().then(() => setProblem(null), setProblem);
  useEffect(() => void look(), []);
  if (problem) return html`<${Failure} problem=${problem} onRetry=${look} />`;
  if (session.value === undefined) return html`<${Loading} />`;
  return session.value === null ? html`<${SignIn} />` : children;
}

function SignIn() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const submit = async (event) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get('key')).trim();
    setBusy(true);
    setError('');
    try {
      await signIn(key);
    } catch (problem) {
      setError(t(problem.status === 401 ? 'sign_in.wrong' : problem.status === 0 ? 'common.no_network' : 'common.failed'));
    }
    setBusy(false);
  };
  return html`
    <form class="card sign-in" onSubmit=${submit}>
      <h1>${t('sign_in.title')}</h1>
      <p class="quiet">${t('sign_in.why')}</p>
      <${Field} label=${t('sign_in.key')} name="key" type="password" autocomplete="current-password" required
        spellcheck="false" error=${error} />
      <${Button} kind="primary" type="submit" busy=${busy}>${t('sign_in.go')}<//>
    </form>`;
}
