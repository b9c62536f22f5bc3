"""How well given looks agree with true ones, in the figures that the trade and the literature use."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import NonNegativeInt

from phonegrade.configs.calibration import Calibration
from phonegrade.configs.inspection import ModelRef
from phonegrade.configs.policy import Policy
from phonegrade.configs.strict import Strict
from phonegrade.grading.conformal import score
from phonegrade.grading.decision import Certainty

PRIOR = 0.5
"""Devices of each true look that a look is taken to have had before any was seen."""
_Known = tuple[NDArray[np.float64], int]
"""Probability of each look, and the place of the true one."""


class Pair(Strict):
    """One device of known look."""

    given: str | None
    """None where no grade was given."""
    true: str
    phone: str | None = None
    """Pairs that share it are shots of the same phone."""
    certainty: Certainty | None = None
    needs_review: bool = False


class Agreement(Strict):
    """Figures over devices; shares are of those with a grade unless said otherwise, None where there is none."""

    devices: NonNegativeInt
    graded: NonNegativeInt
    exact: float | None
    within_one: float | None
    kappa: float | None
    """Cohen's, weighted by the square of the distance."""
    over: float | None
    """Given better than true."""
    under: float | None
    review: float | None
    exact_without_review: float | None
    """Of those that need no review."""
    promised: float | None
    covered: float | None
    """Share whose prediction set holds the true look."""
    answers: float | None
    """Mean number of looks in a prediction set."""
    mean_cost: float | None
    """Of what was given, under the policy's costs."""
    repeatable: float | None
    """Share of the phones with several shots, one of them graded, that got one and the same answer from each."""


def agreement(pairs: Sequence[Pair], policy: Policy) -> Agreement:
    """The figures of these devices."""
    names = policy.cosmetic.names
    graded = [pair for pair in pairs if pair.given is not None]
    given = np.array([names.index(pair.given) for pair in graded if pair.given is not None], np.int64)
    true = np.array([names.index(pair.true) for pair in graded], np.int64)
    sure = np.array([not pair.needs_review for pair in graded], np.bool_)
    sets = [(pair.certainty, pair.true) for pair in graded if pair.certainty is not None]
    return Agreement(
        devices=len(pairs),
        graded=len(graded),
        exact=_mean(given == true),
        within_one=_mean(np.abs(given - true) <= 1),
        kappa=quadratic_kappa(given.tolist(), true.tolist(), len(names)),
        over=_mean(given < true),
        under=_mean(given > true),
        review=_mean(~sure),
        exact_without_review=_mean((given == true)[sure]),
        promised=next((certainty.coverage for certainty, _ in sets if certainty.coverage is not None), None),
        covered=_mean(np.array([look in certainty.prediction_set for certainty, look in sets])),
        answers=_mean(np.array([len(certainty.prediction_set) for certainty, _ in sets])),
        mean_cost=_mean(
            np.array([policy.value.costs[pair.given][pair.true] for pair in graded if pair.given is not None])
        ),
        repeatable=_mean(np.array(_same_answer(pairs))),
    )


def quadratic_kappa(given: Sequence[int], true: Sequence[int], looks: int) -> float | None:
    """Cohen's kappa with squared distances as weights; None where chance alone would agree on everything."""
    if not given:
        return None
    seen = np.zeros((looks, looks))
    np.add.at(seen, (np.array(given), np.array(true)), 1.0)
    weight = np.subtract.outer(np.arange(looks), np.arange(looks)) ** 2
    by_chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / len(given)
    expected = float((weight * by_chance).sum())
    return None if expected == 0 else 1.0 - float((weight * seen).sum()) / expected


def calibrate(pairs: Sequence[Pair], policy: Policy, models: ModelRef, data_sha256: str) -> Calibration:
    """What these devices of known look teach: every other phone the confusion, the others the scores.

    `pairs` were assessed by `models`, without a calibration. Raises ValueError where too few phones have a grade with
    its certainty.
    """
    names = policy.cosmetic.names
    phones: dict[str, int] = {}
    known: tuple[list[_Known], list[_Known]] = ([], [])
    for number, pair in enumerate(pairs):
        if pair.certainty is not None:
            place = phones.setdefault(pair.phone or f"pair {number}", len(phones))
            chances = np.array([pair.certainty.probability[name] for name in names])
            known[place % 2].append((chances, names.index(pair.true)))
    to_learn, to_score = known
    if not to_score:
        raise ValueError("two phones at least must have a grade with its certainty")
    confusion = _confusion(to_learn, len(names))
    scores = sorted(score((chances @ confusion).tolist(), true) for chances, true in to_score)
    return Calibration(
        policy=policy.name,
        policy_sha256=policy.sha256,
        segmenter_sha256=models.segmenter_sha256,
        edges_sha256=models.edges_sha256,
        data_sha256=data_sha256,
        devices=len(scores),
        scores=tuple(scores),
        confusion={
            seen: dict(zip(names, row.tolist(), strict=True)) for seen, row in zip(names, confusion, strict=True)
        },
    )


def _confusion(known: Sequence[_Known], looks: int) -> NDArray[np.float64]:
    """(seen, true) shares of each row; every look gets half a device more, after Jeffreys' prior, and its own one."""
    counts = np.full((looks, looks), PRIOR) + np.eye(looks)
    for chances, true in known:
        counts[:, true] += chances
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _same_answer(pairs: Sequence[Pair]) -> list[bool]:
    answers: dict[str, list[str | None]] = {}
    for pair in pairs:
        if pair.phone is not None:
            answers.setdefault(pair.phone, []).append(pair.given)
    return [len(set(given)) == 1 for given in answers.values() if len(given) > 1 and set(given) != {None}]


def _mean(values: NDArray[np.bool_] | NDArray[np.int64] | NDArray[np.float64]) -> float | None:
    return float(np.mean(values)) if len(values) else None
