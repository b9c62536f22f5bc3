"""Into which bin a phone goes: the first put-away rule that applies, and never a saleable one past a closed gate."""

from phonegrade.configs.put_away_rules import PutAwayRule, PutAwayRules, PutAwayWhen
from phonegrade.core.journey_errors import PutAwayError
from phonegrade.core.problems import nearest
from phonegrade.core.strict import Strict
from phonegrade.journeys.erasure import custody_of
from phonegrade.journeys.evidence import current_assessment
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.resale import ResaleGate


class BinChoice(Strict):
    """A bin, why, and whether phones are sold from it."""

    bin: str
    saleable: bool
    rule: str
    """The put-away rule, or `otherwise`, or `asked` where a person names the bin."""
    ruleset_sha256: str


def bin_for(facts: CaseFacts, gate: ResaleGate, rules: PutAwayRules) -> BinChoice:
    """Return where a phone goes; a rule for a saleable bin applies only while the resale gate is open."""
    rule = next((one for one in rules.rules if _applies(one, facts, gate)), None)
    if rule is None:
        return BinChoice(bin=rules.otherwise, saleable=False, rule="otherwise", ruleset_sha256=rules.sha256)
    return BinChoice(bin=rule.bin, saleable=rule.saleable, rule=rule.rule, ruleset_sha256=rules.sha256)


def asked_bin(name: str, rules: PutAwayRules) -> BinChoice:
    """Return the bin that a person names. Raises PutAwayError, with the nearest, for one that the rules do not have."""
    bins = rules.bins
    if name not in bins:
        raise PutAwayError(f"there is no bin {name!r:.80}; the nearest is {nearest(name, bins)[0]!r}")
    return BinChoice(bin=name, saleable=bins[name], rule="asked", ruleset_sha256=rules.sha256)


def _applies(rule: PutAwayRule, facts: CaseFacts, gate: ResaleGate) -> bool:
    return not (rule.saleable and gate.state != "ready") and _is_true(rule.when, facts, gate)


def _is_true(when: PutAwayWhen, facts: CaseFacts, gate: ResaleGate) -> bool:
    blocking = {reason.rule for reason in gate.reasons}
    return (
        when.resale in (None, gate.state)
        and (not when.reasons or not blocking.isdisjoint(when.reasons))
        and (not when.grades or not _grades(facts).isdisjoint(when.grades))
        and (not when.custody or custody_of(facts) in when.custody)
        and (not when.journeys or facts.case.journey in when.journeys)
    )


def _grades(facts: CaseFacts) -> frozenset[str]:
    assessment = current_assessment(facts)
    if assessment is None:
        return frozenset()
    decision = assessment.decision
    return frozenset(str(one) for one in (decision.grade, decision.cosmetic_grade) if one is not None)
