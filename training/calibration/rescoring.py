"""Fits the rescoring of scratches by the dirt on their surface.

By dirt alone, and scratches alone, as lint and hairs are most often mistaken for them. Other defects are informative
too: with counts of all classes rendered cracks, scratches and chips rank better. But those count the pieces into which
masks break one web of cracks, and real webs break into fewer: real crack AUROC fell from 1.000 to .974.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from phonegrade.core.vocabulary import Contamination
from phonegrade.inference.defects.rescoring import Rescoring, log1p_count

DIRT = tuple(kind.value for kind in Contamination)
MIN_SAMPLES = 30
"""Least number of true and of false detections for a fit."""


@dataclass(frozen=True)
class LabelledScratch:
    """One detected scratch, whether it is true, and the dirt that was detected on its surface."""

    evidence: float
    """Its own alone."""
    dirt: tuple[float, ...]
    """`log1p_count` of the number of each class of DIRT."""
    is_true: bool
    weight: float
    """One over the scratches of the surface, so that each surface weighs the same."""


def labelled_scratches(scratches: Sequence[tuple[float, bool]], counts: dict[str, float]) -> list[LabelledScratch]:
    """Return the samples of one surface from its `scratches`, (evidence, is true) each, and detection `counts`."""
    dirt = tuple(log1p_count(counts.get(name, 0.0)) for name in DIRT)
    return [LabelledScratch(evidence, dirt, is_true, 1 / len(scratches)) for evidence, is_true in scratches]


def fit_rescoring(samples: Sequence[LabelledScratch]) -> Rescoring | None:
    """Fit the rescoring of scratches, which adds nothing on average; None where samples are too few.

    Logistic regression of "is true" on the evidence and on the dirt, whose weights have a standard normal prior.
    """
    true_count = sum(sample.is_true for sample in samples)
    if min(true_count, len(samples) - true_count) < MIN_SAMPLES:
        return None
    evidence, counts, true, weight = (
        torch.tensor(column, dtype=torch.float64)
        for column in zip(*((one.evidence, one.dirt, float(one.is_true), one.weight) for one in samples), strict=True)
    )
    scale = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    dirt = torch.zeros(len(DIRT), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([scale, dirt], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        odds = functional.softplus(scale[0]) * evidence + scale[1] + counts @ dirt
        value = functional.binary_cross_entropy_with_logits(odds, true, weight, reduction="sum")
        value = value + dirt.square().sum() / 2
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    weights = (dirt / functional.softplus(scale[0])).detach()
    mean = float(((counts @ weights) * weight).sum() / weight.sum())
    return Rescoring(round(-mean, 3), {name: round(w, 3) for name, w in zip(DIRT, weights.tolist(), strict=True)})
