"""Learns what the dirt on a surface says of the scratches on it, where their truth is known.

Dirt alone, and of scratches alone, as lint and hairs are what is most often taken for them. Other defects say something
of a mark too: with numbers of all classes rendered cracks, scratches and chips rank better. But they count the pieces
that the masks make of one web of cracks, and real webs are told in fewer: real crack AUROC fell from 1.000 to .974.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from phonegrade.core.vocabulary import Contamination
from phonegrade.inference.defects.rescoring import Rescoring, log1p_count

DIRT = tuple(kind.value for kind in Contamination)
LEAST_KNOWN = 30
"""Fewer true or fewer false marks teach nothing."""


@dataclass(frozen=True)
class KnownScratch:
    """One found scratch whose truth is known, and the dirt that was found on its surface."""

    evidence: float
    """Its own alone."""
    beside: tuple[float, ...]
    """`measure` of the number of each class of DIRT."""
    is_true: bool
    weight: float
    """One over the scratches of the surface: one surface must not teach as much as twenty."""


def known_scratches(found: Sequence[tuple[float, bool]], total: dict[str, float]) -> list[KnownScratch]:
    """The scratches of one surface, (evidence, is true) each, beside the numbers of marks on it by class."""
    beside = tuple(log1p_count(total.get(name, 0.0)) for name in DIRT)
    return [KnownScratch(evidence, beside, is_true, 1 / len(found)) for evidence, is_true in found]


def fit_context(marks: Sequence[KnownScratch]) -> Rescoring | None:
    """The context of scratches, which adds nothing on average; None where too few are known.

    Logistic regression of "is true" on the evidence and on the dirt, whose weights have a standard normal prior.
    """
    right = sum(mark.is_true for mark in marks)
    if min(right, len(marks) - right) < LEAST_KNOWN:
        return None
    evidence, beside, true, weight = (
        torch.tensor(column, dtype=torch.float64)
        for column in zip(*((m.evidence, m.beside, float(m.is_true), m.weight) for m in marks), strict=True)
    )
    scale = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    dirt = torch.zeros(len(DIRT), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([scale, dirt], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        odds = functional.softplus(scale[0]) * evidence + scale[1] + beside @ dirt
        value = functional.binary_cross_entropy_with_logits(odds, true, weight, reduction="sum")
        value = value + dirt.square().sum() / 2
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    learnt = (dirt / functional.softplus(scale[0])).detach()
    mean = float(((beside @ learnt) * weight).sum() / weight.sum())
    return Rescoring(round(-mean, 3), {name: round(w, 3) for name, w in zip(DIRT, learnt.tolist(), strict=True)})
