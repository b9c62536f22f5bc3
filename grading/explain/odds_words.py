"""How certain a grade is, in sentences."""

from phonegrade.configs.policy import Policy
from phonegrade.grading.decision import Certainty, Decision

LEAST_NAMED = 0.01
"""Less likely grades are not named."""


def odds_words(decision: Decision, policy: Policy) -> tuple[str, ...]:
    """Return the odds, the prediction set and the expected cost against its limit; nothing without a certainty."""
    certainty, given = decision.certainty, decision.cosmetic_grade
    if certainty is None or given is None:
        return ()
    likely = sorted(certainty.probability.items(), key=lambda one: -one[1])
    named = [f"{name} {share:.0%}" for name, share in likely if share >= LEAST_NAMED]
    odds = f"{likely[0][0]} is {likely[0][1]:.0%} likely{''.join(f', {other}' for other in named[1:])}."
    cost, most = certainty.expected_cost[given], policy.review.max_expected_cost
    verdict = (
        f"within the {most:.1%} that the policy allows"
        if cost <= most
        else f"more than the {most:.1%} allowed without manual review"
    )
    price = f"price of grade {policy.cosmetic.names[0]}"
    expected = f"Grading it {given} has an expected cost of {cost:.1%} of the {price}, {verdict}."
    return odds, _coverage(certainty), expected


def _coverage(certainty: Certainty) -> str:
    grades = certainty.prediction_set
    named = grades[0] if len(grades) == 1 else f"{', '.join(grades[:-1])} or {grades[-1]}"
    if certainty.coverage is None:
        return f"Most likely it is {named}; without a calibration of this policy, no coverage is guaranteed."
    held = f"right for at least {certainty.coverage:.0%} of phones"
    return f"The true cosmetic grade is {named}; such a prediction set is {held}."
