"""`phonegrade batch`: grade and regrade a warehouse."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from phonegrade.assessment.request import DEFAULT_POLICY
from phonegrade.cli.console import log_line, print_result
from phonegrade.cli.data import BlobPlace, KeyPlace
from phonegrade.cli.options import DeviceName, ModelsDir, OwnDevices, RuntimeName
from phonegrade.core.errors import UsageError
from phonegrade.core.extras import needs_extra
from phonegrade.core.vocabulary import ONNX_RUNTIME
from phonegrade.core.workers import usable_cores

batch = typer.Typer(name="batch", help="Grade and regrade a warehouse, on one machine or on Ray.", no_args_is_help=True)
PolicyName = Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="A shipped policy or a .yaml file.")]
RunPlace = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, as --out named it.")]
Prices = Annotated[
    Path | None, typer.Option("--prices", metavar="BOOK.csv", help="A price book, for the value at stake.")
]
_STORE, _ENGINE = "Instead of INPUT: cases of phonegrade serve --data", "How it is done"


OutFolder = Annotated[
    Path, typer.Option("--out", metavar="RUN", help="Folder of the run; a stopped one goes on there.")
]
Source = Annotated[
    str | None,
    typer.Argument(
        metavar="INPUT",
        help="A folder of device folders, a .zip of it, or a manifest (.csv, .jsonl, .parquet); a path, or s3://...",
    ),
]
Expected = Annotated[
    str | None, typer.Option(metavar="LIST", help="What should have come: a manifest with the column id.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what is there, what is missing and how long it will take.")
]
EngineName = Annotated[
    Literal["pool", "ray", "loop"],
    typer.Option(help="Processes of this machine, a Ray cluster, or this process alone.", rich_help_panel=_ENGINE),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Processes; without it, as many as cores.", rich_help_panel=_ENGINE)
]
Address = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help='Of a Ray cluster, or "auto"; without it, one here.', rich_help_panel=_ENGINE),
]
PhotoSeconds = Annotated[
    float,
    typer.Option(min=1.0, help="What one photo may take before it counts as hanging.", rich_help_panel=_ENGINE),
]
ChunkSize = Annotated[
    int | None,
    typer.Option(min=1, help="Photos of one file; without it, by their number.", rich_help_panel=_ENGINE),
]
CaseData = Annotated[
    str | None, typer.Option("--data", metavar="FOLDER", help="Where cases are kept.", rich_help_panel=_STORE)
]
Tenant = Annotated[str, typer.Option(help="Whose cases.", rich_help_panel=_STORE)]
JourneyName = Annotated[str | None, typer.Option(help="Only cases of this journey.", rich_help_panel=_STORE)]


@batch.command()
def grade(
    out: OutFolder,
    source: Source = None,
    policy: PolicyName = DEFAULT_POLICY,
    device: DeviceName = None,
    devices: OwnDevices = None,
    expected: Expected = None,
    models: ModelsDir = None,
    dry_run: DryRun = False,
    engine: EngineName = "pool",
    workers: Workers = None,
    address: Address = None,
    photo_seconds: PhotoSeconds = 60.0,
    chunk: ChunkSize = None,
    data: CaseData = None,
    blobs: BlobPlace = None,
    data_key: KeyPlace = None,
    tenant: Tenant = "default",
    journey: JourneyName = None,
    runtime: RuntimeName = ONNX_RUNTIME,
) -> int:
    """Grade every device of a warehouse; exit 1 if a row, photo or device could not be used.

    Run it again after a stop: what is done is not done again. Ctrl-C ends it after the chunks in hand.
    """
    if (source is None) == (data is None):
        raise UsageError("name either INPUT or --data")
    with needs_extra("batch", "batch"):
        from phonegrade.cli.batch_grade import GradeOptions, grade_batch, print_forecast
    options = GradeOptions(
        source, out, policy, device, devices, expected, models, engine, workers or usable_cores(), address,
        photo_seconds, chunk, data, blobs, data_key, tenant, journey, runtime,
    )  # fmt: skip
    if dry_run:
        return print_forecast(options)
    return grade_batch(options)


@batch.command()
def regrade(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A folder of `batch grade`, or a .parquet file of `policy pack`.")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for moves.parquet, report.html, summary.json.")
    ],
    policy: Annotated[str | None, typer.Option("--policy", metavar="NAME|FILE", help="The policy to try.")] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="Compare with this policy; without it, with the one of the run."),
    ] = None,
    before: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Instead of a policy: compare with the grades of an earlier run.")
    ] = None,
    prices: Prices = None,
    price: Annotated[float, typer.Option(min=0.0, help="Price in the best grade, where none is known.")] = 1.0,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; without it, as many as cores.")] = None,
    models: ModelsDir = None,
    as_inspected: Annotated[
        bool, typer.Option("--as-inspected", help="Also where other models or code inspected the photos.")
    ] = False,
) -> int:
    """Regrade stored devices without their photos: who moves from which grade to which, and the value at stake."""
    with needs_extra("batch", "batch"):
        from phonegrade.cli.batch_regrade import RegradeOptions, regrade_batch
    regrade_batch(
        RegradeOptions(
            run, out, policy, against, before, prices, price, workers or usable_cores(), models, as_inspected
        )
    )
    return 0


@batch.command()
def status(
    run: RunPlace,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of lines.")] = False,
) -> int:
    """Say how far a run is, from another terminal; exit 1 where it has failed or died."""
    with needs_extra("batch", "batch"):
        from phonegrade.batch.run_folder import RunFolder
        from phonegrade.cli.batch_progress import progress_text, read_progress
    folder = RunFolder(run)
    progress = read_progress(folder)
    dead = progress.state == "running" and not folder.in_hand()
    print_result(json.dumps({**progress.model_dump(mode="json"), "dead": dead}) if as_json else progress_text(progress))
    if dead:
        log_line("The run is not in hand any more on this machine: start it again, and it goes on.")
    return 1 if dead or progress.state == "failed" else 0
