"""`phonegrade batch regrade`, from what the command line says."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from phonegrade.assessment.assess import listed_from
from phonegrade.batch.fingerprint import Fingerprint, fingerprint_of
from phonegrade.batch.lot.moves import Moves, MoveSettings, moves_of, policy_ref
from phonegrade.batch.lot.report import moves_page
from phonegrade.batch.lot.values import PriceTable
from phonegrade.batch.run_folder import RunFolder
from phonegrade.cli.console import print_result, table_console, working
from phonegrade.cli.simulation_table import print_simulation
from phonegrade.configs.policy import Policy, load_policy
from phonegrade.configs.price_book import load_price_book
from phonegrade.core.batch_errors import OtherFingerprintError
from phonegrade.core.errors import StoredFileError, UsageError


@dataclass(frozen=True)
class RegradeOptions:
    """What the command line says."""

    run: Path
    out: Path
    policy: str | None
    against: str | None
    before: Path | None
    prices: Path | None
    price: float
    workers: int
    models: Path | None
    as_inspected: bool


def regrade_batch(options: RegradeOptions) -> None:
    """Regrade a stock, print who moves and write the rows and a report."""
    settings = _settings(options)
    folder = RunFolder(options.out)
    folder.root.mkdir(parents=True, exist_ok=True)
    with working("Regrading"):
        moves = moves_of(settings, options.workers)
    _write(folder, moves, options.run.resolve().name)
    print_simulation(moves.simulation, table_console())
    print_result(f"Report: {folder.report.resolve()}")


def _write(folder: RunFolder, moves: Moves, title: str) -> None:
    folder.write(folder.root / "moves.parquet", moves.parquet)
    folder.write(folder.root / "summary.json", (moves.simulation.model_dump_json(indent=2) + "\n").encode())
    folder.write(folder.report, moves_page(title, moves).encode())


def _settings(options: RegradeOptions) -> MoveSettings:
    if (options.policy is None) == (options.before is None):
        raise UsageError("name either --policy, to try it, or --before, to compare with an earlier run")
    run = RunFolder(options.run)
    new = None if options.policy is None else load_policy(options.policy)
    prices = _prices(options)
    if not options.run.is_dir():
        if options.before is not None or options.run.suffix.casefold() != ".parquet":
            raise UsageError(
                f"{options.run}: give the folder of a run, or a .parquet file (see `phonegrade policy pack`)"
            )
        old = None if options.against is None else load_policy(options.against)
        if new is None:
            raise UsageError("name --policy")
        named_before = None if old is None else policy_ref(old)
        return MoveSettings(options.run, new, old, named_before, policy_ref(new), None, prices, options.price)
    policy = run.policy_before()
    if new is None:
        earlier = RunFolder(options.before or Path())
        named = policy_ref(earlier.policy_before()), policy_ref(policy)
        return MoveSettings(run.devices, None, None, *named, earlier.devices, prices, options.price)
    if not options.as_inspected:
        _check(run, new, options)
    old = policy if options.against is None else load_policy(options.against)
    return MoveSettings(run.devices, new, old, policy_ref(old), policy_ref(new), None, prices, options.price)


def _check(run: RunFolder, policy: Policy, options: RegradeOptions) -> None:
    """Raise OtherFingerprintError where stored inspections are not what this installation would find."""
    try:
        kept = Fingerprint.model_validate_json(run.fingerprint.read_bytes())
    except (OSError, ValueError) as error:
        raise StoredFileError(f"{run.root}: holds no finished run of phonegrade batch grade") from error
    now = fingerprint_of(options.models, kept.listed_from, kept.runtime)
    way_out = "inspect the photos anew into another --out and compare with --before, or say --as-inspected"
    if now != kept:
        raise OtherFingerprintError(f"{run.root}: was inspected with other models or code; {way_out}")
    if listed_from(policy) < kept.listed_from:
        raise OtherFingerprintError(f"{run.root}: keeps no defects as uncertain as {policy.name} asks for; {way_out}")


def _prices(options: RegradeOptions) -> PriceTable | None:
    if options.prices is None:
        return None
    return PriceTable(load_price_book(options.prices), datetime.now(UTC).date())
