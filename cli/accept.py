"""`phonegrade dev accept`: may these models, or this runtime, take the place of those."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from phonegrade.cli.console import log_to_stderr, print_result
from phonegrade.cli.options import RuntimeName
from phonegrade.core.errors import UsageError
from phonegrade.core.extras import needs_extra
from phonegrade.core.vocabulary import ONNX_RUNTIME

Models = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the .onnx files; without it the shipped.")]
Candidate = Annotated[
    Path | None,
    typer.Option(metavar="DIR|FILE", help="Another folder, or one file that replaces its like; without it --before."),
]


def accept(
    data: Annotated[list[Path], typer.Option(metavar="DIR", help="A rendered set: its test split; repeat for more.")],
    real: Annotated[Path, typer.Option(metavar="DIR", help="Real photos, as for `evaluate`.")],
    before: Models = None,
    after: Candidate = None,
    runtime: RuntimeName = ONNX_RUNTIME,
    corruptions: Annotated[
        bool, typer.Option("--corruptions", help="Also inspect real photos mirrored, blurred, in warm light, ...")
    ] = False,
    must_gain: Annotated[
        bool, typer.Option("--must-gain", help="Refuse what loses nothing and gains nothing.")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Write the verdict on OpenVINO into the models' cards; sign them again.")
    ] = False,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the record goes.")] = Path("reports/acceptance"),
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the photos.")] = 1,
) -> None:
    """Take or refuse models, or OpenVINO for the same models, by paired tests on the same photos; exit 1 if refused.

    McNemar's test over defects and photos whose answer flips, and average precision with devices resampled. Refused is
    what loses more than chance explains, or what too few photos were measured for.
    """
    with needs_extra("train", "dev accept"):
        from phonegrade.evaluation.accept import Contender, Photos, record_proof, replaced
        from phonegrade.evaluation.accept import accept as run
        from phonegrade.evaluation.acceptance import Bounds, markdown
        from phonegrade.inference.inspector import SHIPPED
    if record and (runtime != "openvino" or after is not None):
        raise UsageError("--record is for --runtime openvino with the same models: leave out --after")
    if runtime == ONNX_RUNTIME and after is None:
        raise UsageError("there is nothing to compare: name --after, or --runtime openvino")
    log_to_stderr()
    photos = Photos(tuple(data), real, corruptions)
    is_file = after is not None and not after.is_dir()
    with (
        replaced(before or SHIPPED, after) if is_file and after is not None else nullcontext(after or before) as second
    ):
        verdict = run(Contender(before), Contender(second, runtime), photos, Bounds(must_gain=must_gain), workers)
    out.mkdir(parents=True, exist_ok=True)
    (out / "acceptance.json").write_text(json.dumps(verdict.model_dump(), indent=2) + "\n", encoding="utf-8")
    (out / "acceptance.md").write_text(markdown(verdict, str(after or runtime)), encoding="utf-8")
    if record:
        print_result(f"Recorded in: {', '.join(file.name for file in record_proof(before, verdict, photos))}")
    print_result("Taken" if verdict.taken else "\n".join(("Refused", *(f"- {reason}" for reason in verdict.reasons))))
    print_result(f"Record: {(out / 'acceptance.md').resolve()}")
    if not verdict.taken:
        raise typer.Exit(1)
