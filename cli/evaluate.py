"""`phonegrade evaluate`: models and photos in, figures and the model card out."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phonegrade.batch.labelled_pairs import labelled_pairs
from phonegrade.cli.console import log_to_stderr, print_result
from phonegrade.cli.options import ModelsDir, RuntimeName
from phonegrade.configs.calibration import shipped_calibration
from phonegrade.configs.policy import Policy, shipped_policy
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.extras import needs_extra
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.vocabulary import ONNX_RUNTIME
from phonegrade.grading.decision import Decision
from phonegrade.grading.uncertainty.agreement import Agreement, agreement

if TYPE_CHECKING:
    from phonegrade.assessment.inspect_photos import Photos
    from phonegrade.inference.inspector import Inspector


RenderedSet = Annotated[
    Path | None, typer.Option(help="A set written by `phonegrade render`: its test split.", metavar="DIR")
]
RealPhotos = Annotated[Path | None, typer.Option(help="A folder of real photos, as described below.", metavar="DIR")]
CardFile = Annotated[
    Path | None, typer.Option(help="Also write the model card here, such as models/weights/README.md.", metavar="FILE")
]
Beside = Annotated[
    list[Path] | None,
    typer.Option(help="A compared.json of another model on the same photos: columns of the card.", metavar="FILE"),
]
Labelled = Annotated[
    Path | None,
    typer.Option(help="Labelled devices of `policy inspect-set`: how right their grades are.", metavar="FILE.jsonl"),
]
Corrupted = Annotated[
    bool, typer.Option("--corruptions", help="Inspect real photos again: mirrored, blurred, in warm light, ...")
]


def evaluate(
    data: RenderedSet = None,
    real: RealPhotos = None,
    models: ModelsDir = None,
    runtime: RuntimeName = ONNX_RUNTIME,
    out: Annotated[Path, typer.Option(help="Where figures, page and pictures go.", metavar="DIR")] = Path("reports"),
    card: CardFile = None,
    beside: Beside = None,
    labelled: Labelled = None,
    hard_cases: Annotated[
        bool, typer.Option("--hard-cases", help="Render the hard cases too; the card always has them.")
    ] = False,
    corruptions: Corrupted = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
) -> None:
    """Measure models on rendered and on real photos, with 95 % intervals, and write the model card.

    Real photos: --real DIR holds manifest.csv with the columns file (path in DIR), view (front, back or edge) and label
    (crack, scratch, scuff, chip, dent; without damage clean, oil, stain, dust, ...; several joined by ";"), and, to
    measure scratches by pixel, scratch.coco.json (COCO polygons). Pictures of real photos stay in --out/real.
    """
    with needs_extra("train", "evaluate"):
        from phonegrade.evaluation.compared import read_compared
        from phonegrade.evaluation.evaluate import evaluate as run
        from phonegrade.evaluation.evaluate import write_json
        from phonegrade.evaluation.real_grades import POLICY
        from phonegrade.evaluation.report import write_report
        from phonegrade.rendering.hard_cases import hard_case_photos
    log_to_stderr()
    others = tuple(read_compared(path) for path in beside or ())
    evaluated = run(models, data, real, workers, corruptions, grade_by_assessment, runtime)
    if labelled is not None:
        labelled_sha256 = hashlib.sha256(labelled.read_bytes()).hexdigest()
        evaluated = evaluated.with_grades(labelled_sha256, _agreement(labelled, POLICY))
    figures = write_json(evaluated.evaluation, out)
    print_result(f"Figures: {figures.resolve()}")
    page = write_report(
        evaluated, data, real, models, out, card, others, hard_case_photos() if hard_cases or card is not None else ()
    )
    print_result(f"Page: {page.resolve()}")


def _agreement(labelled: Path, name: str) -> Agreement:
    """Return the agreement of the half of the phones that the calibration of the policy `name` was not fitted to."""
    policy = shipped_policy(name)
    return agreement(labelled_pairs(labelled, policy, shipped_calibration(policy), "second"), policy)


def grade_by_assessment(
    photos: "Photos", tests: FunctionalReport, device: Device | None, policy: Policy, inspector: "Inspector"
) -> Decision:
    """Grade one phone as every other verb does."""
    from phonegrade.assessment.assess import assess_photos

    return assess_photos(photos, tests, device, policy, inspector).decision
