"""One run with the real models that `kills.py` kills: STOCK OUT ORDER MODEL."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from phonegrade.assessment.inspect_photos import InspectedPhoto
from phonegrade.batch.engines.alone import Inspect
from phonegrade.batch.engines.process_pool import ProcessPool
from phonegrade.batch.photo_work import LoadModels
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.photo_file import PhotoFile
from phonegrade.tests.batch.fakes import die_at_a_write
from phonegrade.tests.batch.stocks import fingerprint, grade

CRASH, HANG = b"crash", b"hang"
TASK_S = 20.0


@dataclass(frozen=True)
class PoisonedLoad:
    """The shipped models, behind a decoder that two photos crash and hang, in processes that die at writes."""

    order: Path
    model: str = "one"

    def __call__(self) -> Inspect:
        die_at_a_write(self.order)
        inspect = LoadModels(None, 0.3)()

        def poisoned(photo: PhotoFile, device: Device | None) -> InspectedPhoto:
            if photo.data.startswith(CRASH):
                os.kill(os.getpid(), signal.SIGSEGV)
            if photo.data.startswith(HANG):
                time.sleep(600)
            return inspect(photo, device)

        return poisoned


def main() -> None:
    stock, out, order = map(Path, sys.argv[1:4])
    load = PoisonedLoad(order, sys.argv[4])
    die_at_a_write(order)
    engine = ProcessPool(2, TASK_S)
    grade(stock, out, load, engine, named=fingerprint(load.model), task_s=TASK_S)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
