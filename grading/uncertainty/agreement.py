"""How well given cosmetic grades agree with true ones, in the figures of the trade and the literature."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import NonNegativeInt

from phonegrade.configs.calibration import Calibration, rules_sha256
from phonegrade.configs.policy import Policy
from phonegrade.core.inspection import ModelRef
from phonegrade.core.strict import Strict
from phonegrade.grading.decision import Certainty
from phonegrade.grading.uncertainty.conformal import score

PRIOR, OWN = 0.1, 10.0
"""Pseudo-counts of the confusion: devices of every true grade, and further ones of the grade itself, added to each row.
Given grades are mostly right, and a few phones with several photos each must not overrule that. Of four and six values
these had the highest leave-one-out likelihood on half of the rendered phones."""
REVIEWED_ABOVE = (0.04, 0.06, 0.08, 0.09, 0.1, 0.12, 0.15, 0.2, 1.0)
"""Limits of the expected cost at which the review curve is evaluated; 1 reviews nothing."""
_Known = tuple[NDArray[np.float64], int]
"""Probability of each grade, and the rank of the true one."""


class Pair(Strict):
    """One labelled device: the grade given and the true one."""

    given: str | None
    """None where no grade was given."""
    true: str
    phone: str | None = None
    """Pairs that share it are of the same phone."""
    certainty: Certainty | None = None
    needs_review: bool = False


class ReviewPoint(Strict):
    """The effect of one value of a policy's `max_expected_cost`."""

    max_expected_cost: float
    review: float
    """Share of the graded devices that it sends to review."""
    wrong: float | None
    """Share of wrong grades among the rest; None where nothing is left."""
    over: float | None
    """Share of grades better than the truth among the rest."""


class Agreement(Strict):
    """Figures over labelled devices; shares are of those with a grade unless stated otherwise."""

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
    """Coverage that the calibration guarantees."""
    covered: float | None
    """Share whose prediction set contains the true grade."""
    mean_set_size: float | None
    """Mean number of grades in a prediction set."""
    mean_cost: float | None
    """Of the grades given, under the policy's costs."""
    repeatable: float | None
    """Of the phones with several pairs, one of them graded, the share with the same answer in all."""
    curve: tuple[ReviewPoint, ...] = ()
    """Reviews against wrong grades, at each of REVIEWED_ABOVE."""


def agreement(pairs: Sequence[Pair], policy: Policy) -> Agreement:
    """Return the figures of these devices."""
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
        covered=_mean(np.array([true in certainty.prediction_set for certainty, true in sets])),
        mean_set_size=_mean(np.array([len(certainty.prediction_set) for certainty, _ in sets])),
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
    """Return the curve over graded devices, each as its expected cost, whether wrong, and whether too good."""
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


def quadratic_kappa(given: Sequence[int], true: Sequence[int], grades: int) -> float | None:
    """Return Cohen's kappa with quadratic weights; None where chance alone would agree on everything."""
    if not given:
        return None
    counts = np.zeros((grades, grades))
    np.add.at(counts, (np.array(given), np.array(true)), 1.0)
    weight = np.subtract.outer(np.arange(grades), np.arange(grades)) ** 2
    by_chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / len(given)
    expected = float((weight * by_chance).sum())
    return None if expected == 0 else 1.0 - float((weight * counts).sum()) / expected


def calibrate(pairs: Sequence[Pair], policy: Policy, models: ModelRef, data_sha256: str) -> Calibration:
    """Fit a calibration to labelled devices: the confusion of all, and a score for each.

    Scores are cross-fitted: every other phone is scored with the confusion of the rest, and vice versa, so that no
    phone is scored with what was fitted to it (cross-conformal prediction; Vovk, "Cross-conformal predictors", Annals
    of Mathematics and Artificial Intelligence 2015). `pairs` were assessed by `models`, without a calibration. Raises
    ValueError where too few phones have a grade with its certainty.
    """
    names = policy.cosmetic.names
    phones: dict[str, int] = {}
    halves: tuple[list[_Known], list[_Known]] = ([], [])
    for number, pair in enumerate(pairs):
        if pair.certainty is not None:
            index = phones.setdefault(pair.phone or f"pair {number}", len(phones))
            chances = np.array([pair.certainty.probability[name] for name in names])
            halves[index % 2].append((chances, names.index(pair.true)))
    if not halves[1]:
        raise ValueError("two phones at least must have a grade with its certainty")
    scores = sorted(
        score((chances @ fitted).tolist(), true)
        for half, other in (halves, halves[::-1])
        for fitted in (_confusion(other, len(names)),)
        for chances, true in half
    )
    confusion = _confusion([*halves[0], *halves[1]], len(names))
    return Calibration(
        policy=policy.name,
        rules_sha256=rules_sha256(policy),
        segmenter_sha256=models.segmenter_sha256,
        frame_segmenter_sha256=models.frame_segmenter_sha256,
        data_sha256=data_sha256,
        devices=len(scores),
        scores=tuple(scores),
        confusion={
            given: dict(zip(names, row.tolist(), strict=True)) for given, row in zip(names, confusion, strict=True)
        },
    )


def _confusion(known: Sequence[_Known], grades: int) -> NDArray[np.float64]:
    """Return (given, true) shares of each row, with PRIOR devices of every grade and OWN more of the given one."""
    counts = np.full((grades, grades), PRIOR) + OWN * np.eye(grades)
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
