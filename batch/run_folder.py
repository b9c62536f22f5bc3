"""The folder of a run: its files, and that one process at a time works in it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from phonegrade.configs.policy import Policy
from phonegrade.core.batch_errors import OutputError, RunInHandError
from phonegrade.core.errors import StoredFileError
from phonegrade.core.files import write_durably


@dataclass(frozen=True)
class RunFolder:
    """Where everything of a run lies."""

    root: Path

    @property
    def photos(self) -> Path:
        """One file a chunk of inspected photos."""
        return self.root / "photos"

    @property
    def decisions(self) -> Path:
        """One file a chunk of graded devices."""
        return self.root / "decisions"

    @property
    def fingerprint(self) -> Path:
        """What the photos were inspected with."""
        return self.root / "fingerprint.json"

    @property
    def hashes(self) -> Path:
        """Contents of photos that were hashed."""
        return self.root / "hashes.parquet"

    @property
    def policy(self) -> Path:
        """The policy of the last run."""
        return self.root / "policy.json"

    @property
    def progress(self) -> Path:
        """How far the run is."""
        return self.root / "progress.json"

    @property
    def metrics(self) -> Path:
        """The same for Prometheus."""
        return self.root / "progress.prom"

    @property
    def devices(self) -> Path:
        """One row a device of the input, in its order; `.csv` beside it holds the same in short."""
        return self.root / "devices.parquet"

    @property
    def problems(self) -> Path:
        """What of the input, and which photos, could not be used."""
        return self.root / "problems.csv"

    @property
    def report(self) -> Path:
        """The report of the lot."""
        return self.root / "report.html"

    def make(self) -> None:
        """Make the folder where it is not there. Raises OutputError."""
        try:
            for folder in (self.photos, self.decisions):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.root}: cannot be made ({error.strerror})") from error

    def write(self, file: Path, data: bytes) -> None:
        """Write one file of the folder, whole or not there. Raises OutputError."""
        try:
            write_durably(file, data)
        except OSError as error:
            raise OutputError(f"{file}: cannot be written ({error.strerror}); make room and run again") from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs out while the body works, and clear what a killed one left half-written.

        Raises RunInHandError. The system lets go of the lock when the process ends, however it does.
        """
        with (self.root / ".lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise RunInHandError(
                    f"{self.root}: another run works in it; `phonegrade batch status` shows it"
                ) from error
            self._clear()
            yield
            self._clear()

    def _clear(self) -> None:
        """Remove what a killed process left half-written."""
        for part in self.root.rglob(".*.part"):
            part.unlink(missing_ok=True)

    def in_hand(self) -> bool:
        """Return whether a run works in the folder now, on this machine."""
        try:
            lock = os.open(self.root / ".lock", os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(lock)
        return False

    def policy_before(self) -> Policy:
        """Return the policy that the devices were graded by. Raises StoredFileError."""
        try:
            return Policy.model_validate_json(self.policy.read_bytes())
        except (OSError, ValueError) as error:
            raise StoredFileError(f"{self.root}: holds no finished run of phonegrade batch grade") from error
