// What a step of the diagnostics found, and how it gets into the case. A test that could not be run has a reason and
// stays not run; nothing here ever turns what a browser cannot see into a pass.
import { newKey, post, Problem } from '../common/api.js';
import { signal } from '../common/html.js';

/**
 * @typedef {{tests: Record<string, 'pass' | 'fail'>, whyNot: Record<string, string>,
 *   evidence: Record<string, number>}} Result
 * @typedef {{id: string, limitS: number, covers: string[], missing: () => string | null, Screen: any}} Step
 *   `missing` names the interface that this browser lacks, or is null; `Screen` gets {done, limitS}
 */

/** @param {Record<string, 'pass' | 'fail'>} tests @param {Record<string, number>} [evidence] @param {Record<string, string>} [whyNot] @returns {Result} */
export const found = (tests, evidence = {}, whyNot = {}) => ({ tests, evidence, whyNot });

/** None of these could be tested here: `what` is the interface that lacks. @param {string[]} names @param {string} what @param {Record<string, number>} [evidence] */
export const notTestable = (names, what, evidence = {}) => found({}, evidence, all(names, `not_testable: ${what}`));

/** The person went on, or time was up. @param {string[]} names @param {string} [why] */
export const skipped = (names, why = 'skipped') => found({}, {}, all(names, why));

const all = (names, text) => Object.fromEntries(names.map((name) => [name, text]));

/** Which of the four a step came to, for the list. @param {Result} result */
export function outcome(result) {
  const values = Object.values(result.tests);
  if (values.includes('fail')) return 'fail';
  if (values.length) return 'pass';
  const reasons = Object.values(result.whyNot);
  return reasons.length && reasons.every((one) => one.startsWith('not_testable')) ? 'not_testable' : values.length || reasons.length ? 'skipped' : 'pass';
}

/** Keeps the results of this visit and sends each once, with the key that it was first sent with. */
export class Results {
  /** @param {string} caseId */
  constructor(caseId) {
    this.path = `/v1/cases/${caseId}/tests`;
    /** @type {import('../vendor/signals.js').Signal<Record<string, Result>>} */
    this.byStep = signal({});
    /** @type {import('../vendor/signals.js').Signal<{key: string, body: any}[]>} */
    this.unsent = signal([]);
    /** @type {import('../vendor/signals.js').Signal<Problem | null>} What the service refused. */
    this.refused = signal(null);
    this.sending = Promise.resolve();
    addEventListener('online', () => this.send());
  }

  /** @param {string} step @param {Result} result */
  add(step, result) {
    this.byStep.value = { ...this.byStep.value, [step]: result };
    const evidence = Object.fromEntries(Object.entries(result.evidence).filter(([, value]) => Number.isFinite(value)).map(([name, value]) => [name, Number(value.toPrecision(4))]));
    const body = { method: 'browser', report: { tests: result.tests }, why_not: result.whyNot, evidence: Object.keys(evidence).length ? { [step]: evidence } : {} };
    this.unsent.value = [...this.unsent.value, { key: newKey(), body }];
    return this.send();
  }

  /** Send what is not sent yet, oldest first. */
  send() {
    this.sending = this.sending.then(async () => {
      while (this.unsent.value.length) {
        const [first] = this.unsent.value;
        try {
          await post(this.path, first.body, { key: first.key });
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          if (error.passes) return;
          this.refused.value = error;
        }
        this.unsent.value = this.unsent.value.slice(1); // more may have come meanwhile
      }
    });
    return this.sending;
  }
}
