"""Learns what the dirt on a surface says of the scratches on it (`inference.context`), where their truth is known.

Dirt alone, and of scratches alone, as lint and hairs are what is most often taken for them. Other defects say something
of a mark too: with numbers of all classes rendered cracks, scratches and chips rank better. But they count the pieces
that the masks make of one web of cracks, and real webs are told in fewer: real crack AUROC fell from 1.000 to .974.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from phonegrade.configs.vocabulary import Contamination, DefectKind
from phonegrade.inference.context import Context, measure, numbers

TOLD = DefectKind.SCRATCH.value
TOLD_BY = tuple(kind.value for kind in Contamination)
LEAST_KNOWN = 30
"""Fewer true or fewer false marks teach nothing."""


@dataclass(frozen=True)
class Placed:
    """One found scratch whose truth is known, and the dirt that was found on its surface."""

    evidence: float
    """Its own alone."""
    beside: tuple[float, ...]
    """`measure` of the number of each of TOLD_BY."""
    is_true: bool
    weight: float
    """One over the scratches of the surface: one surface must not teach as much as twenty."""


def placed_on(marks: Sequence[tuple[str, float, bool | None]]) -> list[Placed]:
    """The scratches among the marks of one surface, (class, evidence, is true) each; None counts neither way."""
    total = numbers((kind, evidence) for kind, evidence, _ in marks)
    beside = tuple(measure(total.get(name, 0.0)) for name in TOLD_BY)
    known = [(evidence, is_true) for kind, evidence, is_true in marks if kind == TOLD and is_true is not None]
    return [Placed(evidence, beside, is_true, 1 / len(known)) for evidence, is_true in known]


def fit_context(marks: Sequence[Placed]) -> Context | None:
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
    dirt = torch.zeros(len(TOLD_BY), dtype=torch.float64, requires_grad=True)
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
    return Context(round(-mean, 3), {name: round(w, 3) for name, w in zip(TOLD_BY, learnt.tolist(), strict=True)})
