// The defects of a case as a list: kind, millimetres, zone, and the rule that each trips.
import { html, useEffect, useRef } from '../common/html.js';
import { Chip, Icon } from '../common/ui.js';
import { number, t } from '../common/words.js';
import { isChanged, KINDS } from './marks.js';

const mm = (value) => number(value, { maximumFractionDigits: value < 1 ? 2 : 1 });

/** The rules of a decision by the defect that trips them. @param {any} decision @returns {Map<string, any[]>} */
export function rulesBy(decision) {
  const rules = new Map();
  for (const { reasons } of decision.cosmetic.surfaces)
    for (const reason of reasons) for (const id of reason.defect_ids) {
      const known = rules.get(id) ?? [];
      if (!known.some((one) => one.rule === reason.rule)) rules.set(id, [...known, reason]);
    }
  return rules;
}

/**
 * @param {{sides: any[], marks: any[], selected: string | null, side: string, rules: Map<string, any[]>, names: Record<string, string>,
 *   sizes: Record<string, any>, measuring: boolean, onSelect: (id: string) => void, onKind: (kind: string | null) => void}} props
 */
export function Defects({ sides, marks, selected, side, rules, names, sizes, measuring, onSelect, onKind }) {
  if (!marks.length) return html`<p class="quiet defects-none">${t('review.no_defects')}</p>`;
  return html`
    <div class="defects">
      ${sides.map(({ surface }) => {
        const own = marks.filter((one) => one.surface === surface);
        return own.length > 0 && html`
          <div key=${surface}>
            <h3 class=${surface === side ? 'defects-here' : ''}>${t(`phone.surface_${surface}`)} <span class="quiet">${number(own.length)}</span></h3>
            <ol class="list">
              ${own.map((mark) => html`<${Row} key=${mark.id} mark=${mark} index=${marks.indexOf(mark) + 1} selected=${mark.id === selected}
                size=${sizes[mark.id] ?? mark.from} measuring=${measuring} rules=${rules.get(names[mark.id]) ?? []} onSelect=${onSelect} onKind=${onKind} />`)}
            </ol>
          </div>`;
      })}
    </div>`;
}

function Row({ mark, index, selected, size, measuring, rules, onSelect, onKind }) {
  const place = useRef(/** @type {HTMLLIElement | null} */ (null));
  useEffect(() => {
    if (selected) place.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const kind = mark.kind ? t(`phone.kind_${mark.kind}`) : t('review.no_damage');
  return html`
    <li ref=${place} class=${`defect ${selected ? 'defect-selected' : ''} ${mark.kind ? '' : 'defect-none'}`}>
      <button type="button" class="defect-head" aria-current=${selected ? 'true' : undefined} onClick=${() => onSelect(mark.id)}>
        <span class=${`dot dot-${mark.kind ?? 'none'}`} aria-hidden="true">${index}</span>
        <span class="defect-what"><strong>${kind}</strong>
          ${mark.kind && mark.from && mark.kind !== mark.from.kind && html` <s class="quiet">${t(`phone.kind_${mark.from.kind}`)}</s>`}
          <span class="defect-size">${sizeText(mark, size, measuring && !mark.from)}</span></span>
        ${mark.judged && html`<${Chip} kind=${isChanged(mark) ? 'warn' : 'good'}>${t(`review.mark_${!mark.from ? 'drawn' : isChanged(mark) ? 'changed' : 'confirmed'}`)}<//>`}
      </button>
      ${mark.kind && rules.map((rule) => html`<p class="defect-rule" key=${rule.rule} title=${rule.text}><${Icon} name="alert" /><span lang="en"><code>${rule.rule}</code>${selected && html` <span class="quiet">${rule.text}</span>`}</span></p>`)}
      ${selected && html`<div class="kinds" role="group" aria-label=${t('review.kind')}>
        ${KINDS.map((one, key) => html`<button type="button" key=${one} aria-pressed=${mark.kind === one} onClick=${() => onKind(one)}>
          <kbd>${key + 1}</kbd>${t(`phone.kind_${one}`)}</button>`)}
        <button type="button" aria-pressed=${mark.kind === null} onClick=${() => onKind(null)}><kbd>0</kbd>${t('review.no_damage')}</button>
      </div>`}
    </li>`;
}

function sizeText(mark, size, measuring) {
  if (!size || size.length_mm === null || size.length_mm === undefined)
    return t(measuring ? 'review.measuring' : 'review.not_measured');
  const parts = [size.width_mm === null ? `${mm(size.length_mm)} mm` : `${mm(size.length_mm)} × ${mm(size.width_mm)} mm`];
  if (size.area_mm2 !== null && mark.kind !== 'scratch') parts.push(`${mm(size.area_mm2)} mm²`);
  if (size.zone) parts.push(t(`phone.zone_${size.zone}`));
  return parts.join(' · ');
}
