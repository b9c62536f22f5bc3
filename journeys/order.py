"""Which decisions a case lets now: facts come in any order from any channel, decisions in the journey's."""

from datetime import datetime

from phonegrade.configs.journey import Journey
from phonegrade.configs.journey_parts import StepName
from phonegrade.core.journey_errors import CaseExpiredError, StepOrderError
from phonegrade.journeys.deal import is_expired
from phonegrade.journeys.decide import STEP_WORDS
from phonegrade.journeys.facts import CaseFacts
from phonegrade.journeys.status import open_steps, status_of


def refuse_expired(facts: CaseFacts, now: datetime) -> None:
    """Raise CaseExpiredError for a case that is past its end."""
    if is_expired(facts, now) and facts.case.expires_at is not None:
        raise CaseExpiredError(
            f"the case ended at {facts.case.expires_at:%Y-%m-%d %H:%M} UTC and can only be read; open another"
        )


def refuse_step(step: StepName, facts: CaseFacts, journey: Journey, now: datetime) -> None:
    """Raise unless a decision may be made now; one that the journey does not order is let.

    Raises CaseExpiredError, and StepOrderError where steps before it are open or the rules lead elsewhere.
    """
    refuse_expired(facts, now)
    known = journey.step(step)
    if known is None:
        return
    left, status = open_steps(facts, journey, now), status_of(facts, journey, now)
    missing: dict[str, tuple[str, ...]] = {before: left[before] for before in known.after if left[before]}
    words = [f"{STEP_WORDS[before]} ({', '.join(left[before])})" for before in known.after if left[before]]
    follows = any(one.step == "qualify" for one in journey.up_to(step))
    if follows and status.outcome.result != "qualified":
        why = "; ".join(one.text for one in status.outcome.reasons)
        words.append(f"the case is {status.outcome.result or 'not decided'}: {why}")
    if not words:
        return
    following = tuple(dict.fromkeys(one.step for one in status.next))
    raise StepOrderError(
        f"{step} is not possible now: {'; '.join(words)}. Next: {', '.join(following) or 'nothing'}",
        {**missing, **{part.step: part.left for part in status.missing}},
        following,
    )
