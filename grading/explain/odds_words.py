"""How sure a grade is, in sentences."""

from phonegrade.configs.policy import Policy
from phonegrade.grading.decision import Certainty, Decision

LEAST_NAMED = 0.01
"""Grades that are less likely are not named."""


def odds_words(decision: Decision, policy: Policy) -> tuple[str, ...]:
    """The odds, the prediction set with its promise, and the expected cost against what is allowed; none unasked."""
    certainty, given = decision.certainty, decision.cosmetic_grade
    if certainty is None or given is None:
        return ()
    likely = sorted(certainty.probability.items(), key=lambda one: -one[1])
    named = [f"{name} {share:.0%}" for name, share in likely if share >= LEAST_NAMED]
    odds = f"{likely[0][0]} is {likely[0][1]:.0%} likely{''.join(f', {other}' for other in named[1:])}."
    cost, most = certainty.expected_cost[given], policy.review.max_expected_cost
    best = policy.cosmetic.names[0]
    verdict = (
        f"within the {most:.1%} that the policy allows"
        if cost <= most
        else f"more than the {most:.1%} that is allowed without manual review"
    )
    price = f"Expected cost of giving {given}, should it be wrong: {cost:.1%} of the price of an {best}, {verdict}."
    return odds, _promise(certainty), price


def _promise(certainty: Certainty) -> str:
    grades = certainty.prediction_set
    named = grades[0] if len(grades) == 1 else f"{', '.join(grades[:-1])} or {grades[-1]}"
    if certainty.coverage is None:
        return f"Most likely it is {named}; no calibration backs this policy with a promise."
    return f"For {certainty.coverage:.0%} of phones graded like this, the true cosmetic grade is {named}."
