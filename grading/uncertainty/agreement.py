"""How well given looks agree with true ones, in the figures that the trade and the literature use."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import NonNegativeInt

from phonegrade.configs.calibration import Calibration
from phonegrade.configs.policy import Policy
from phonegrade.core.inspection import ModelRef
from phonegrade.core.strict import Strict
from phonegrade.grading.decision import Certainty
from phonegrade.grading.uncertainty.conformal import score

PRIOR, OWN = 0.1, 10.0
"""Devices of each true look, and of its own, that a look is taken to have had before any was seen: what is found is
mostly right, and a few phones, photographed several times each, must not say otherwise. Of four and six values these
had the greatest likelihood on half of the rendered phones, one of them left out at a time."""
REVIEWED_ABOVE = (0.04, 0.06, 0.08, 0.09, 0.1, 0.12, 0.15, 0.2, 1.0)
"""Expected costs that the curve of reviews is told at; 1 reviews nothing."""
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


class ReviewPoint(Strict):
    """What one value of a policy's `max_expected_cost` would do."""

    max_expected_cost: float
    review: float
    """Share of the graded devices that it sends to review."""
    wrong: float | None
    """Share of wrong grades among the rest; None where nothing is left."""
    over: float | None
    """Share of grades better than the truth among the rest."""


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
    curve: tuple[ReviewPoint, ...] = ()
    """Review against wrong grades, by REVIEWED_ABOVE."""


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
        covered=_mean(np.array([cosmetic_grade in certainty.prediction_set for certainty, cosmetic_grade in sets])),
        answers=_mean(np.array([len(certainty.prediction_set) for certainty, _ in sets])),
        mean_cost=_mean(
            np.array([policy.value.costs[pair.given][pair.true] for pair in graded if pair.given is not None])
        ),
        repeatable=_mean(np.array(_same_answer(pairs))),
        curve=review_curve(
            [
                (pair.certainty.expected_cost[pair.given], given_at != true_at, given_at < true_at)
                for pair, given_at, true_at in zip(graded, given.tolist(), true.tolist(), strict=True)
                if pair.certainty is not None and pair.given is not None
            ]
        ),
    )


def review_curve(graded: Sequence[tuple[float, bool, bool]]) -> tuple[ReviewPoint, ...]:
    """The curve of graded devices, each its expected cost, whether its grade is wrong, and whether that is too good."""
    points = []
    for most in REVIEWED_ABOVE if graded else ():
        rest = [(wrong, over) for cost, wrong, over in graded if cost <= most]
        points.append(
            ReviewPoint(
                max_expected_cost=most,
                review=1 - len(rest) / len(graded),
                wrong=sum(wrong for wrong, _ in rest) / len(rest) if rest else None,
                over=sum(over for _, over in rest) / len(rest) if rest else None,
            )
        )
    return tuple(points)


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
    """What these devices of known look teach: the confusion of all, and each one's score by that of the other phones.

    Scores are cross-fitted: those of every other phone rest on the confusion of the others, and the other way round, so
    that no phone is scored by what it taught (cross-conformal prediction; Vovk, "Cross-conformal predictors", Annals of
    Mathematics and Artificial Intelligence 2015). `pairs` were assessed by `models`, without a calibration. Raises
    ValueError where too few phones have a grade with its certainty.
    """
    names = policy.cosmetic.names
    phones: dict[str, int] = {}
    halves: tuple[list[_Known], list[_Known]] = ([], [])
    for number, pair in enumerate(pairs):
        if pair.certainty is not None:
            place = phones.setdefault(pair.phone or f"pair {number}", len(phones))
            chances = np.array([pair.certainty.probability[name] for name in names])
            halves[place % 2].append((chances, names.index(pair.true)))
    if not halves[1]:
        raise ValueError("two phones at least must have a grade with its certainty")
    scores = sorted(
        score((chances @ learnt).tolist(), true)
        for half, other in (halves, halves[::-1])
        for learnt in (_confusion(other, len(names)),)
        for chances, true in half
    )
    confusion = _confusion([*halves[0], *halves[1]], len(names))
    return Calibration(
        policy=policy.name,
        policy_sha256=policy.sha256,
        segmenter_sha256=models.segmenter_sha256,
        frame_segmenter_sha256=models.frame_segmenter_sha256,
        data_sha256=data_sha256,
        devices=len(scores),
        scores=tuple(scores),
        confusion={
            seen: dict(zip(names, row.tolist(), strict=True)) for seen, row in zip(names, confusion, strict=True)
        },
    )


def _confusion(known: Sequence[_Known], looks: int) -> NDArray[np.float64]:
    """(seen, true) shares of each row, with PRIOR devices of every look and OWN more of the seen one."""
    counts = np.full((looks, looks), PRIOR) + OWN * np.eye(looks)
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
