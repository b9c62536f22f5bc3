"""Times OpenVINO against ONNX Runtime: the segmenters bare, and photos whole.

    python benchmarks/runtime.py --runs 9

Both take turns in one process, and ratios are of the same turn, so that neighbours on the machine move them little. On
one thread the processor's time counts, on more the wall's. Beside it, how far probabilities of the sample's surfaces
move. Needs the extra `openvino`.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from phonegrade.benchmarks.inspection import twelve_megapixels
from phonegrade.benchmarks.session import picture_shape
from phonegrade.core.arrays import RGB
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.inspector import FRAME_SEGMENTER, Inspector
from phonegrade.inference.openvino_session import OpenVinoSession, best_precision
from phonegrade.inference.session import Session, open_session

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = "onnxruntime"
Turns = dict[str, list[float]]


def in_turns(work: dict[str, Callable[[], object]], runs: int, threads: int) -> Turns:
    """Milliseconds of each piece of work, turn by turn, after one turn that warms up."""
    clock = time.process_time if threads == 1 else time.perf_counter
    spent: Turns = {name: [] for name in work}
    for turn in range(runs + 1):
        for name, one in work.items():
            start = clock()
            one()
            if turn:
                spent[name].append((clock() - start) * 1e3)
    return spent


def sessions_of(file: Path, threads: int) -> dict[str, Session]:
    """ONNX Runtime's session of a file, and OpenVINO's in each precision that this processor has."""
    precisions = dict.fromkeys(("f32", best_precision()))
    others = {f"openvino {name}": OpenVinoSession(file.read_bytes(), threads, name) for name in precisions}  # type: ignore[arg-type]
    return {REFERENCE: open_session(file, threads), **others}


def surface_of(file: Path, samples: Path) -> RGB:
    """The sample's front, or left edge, on the canvas of the segmenter in `file` (H, W, 3), about as it lies there."""
    _, height, width, _ = picture_shape(file)
    name = "left" if file.name == FRAME_SEGMENTER else "front"
    return np.asarray(cv2.resize(cv2.imread(str(samples / f"{name}.jpg")), (width, height))[..., ::-1], np.uint8)


def moved(sessions: dict[str, Session], image: RGB) -> dict[str, tuple[float, float]]:
    """Mean and greatest difference of each session's probabilities from the reference's."""
    (expected,) = sessions[REFERENCE].run(["probability"], {"image": image[None]})
    differences = {}
    for name, session in sessions.items():
        difference = np.abs(session.run(["probability"], {"image": image[None]})[0] - expected)
        differences[name] = float(difference.mean()), float(difference.max())
    return differences


def lines(turns: Turns, differences: dict[str, tuple[float, float]] | None = None) -> list[str]:
    """One line a contender: median, and median and range of its ratio to the reference in the same turn."""
    rows = []
    for name, ms in turns.items():
        ratios = [one / other for one, other in zip(ms, turns[REFERENCE], strict=True)]
        text = f"{name:<16}{statistics.median(ms):>9.1f}{statistics.median(ratios):>7.2f}"
        text += f"  {min(ratios):.2f} to {max(ratios):.2f}"
        rows.append(text + ("" if differences is None else "   {:.1e}  {:.2f}".format(*differences[name])))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="timed turns after one that warms up (default 9)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the networks and of OpenCV (default 1)")
    parser.add_argument("--models", type=Path, default=ROOT / "models" / "weights", help="folder of the ONNX files")
    parser.add_argument("--samples", type=Path, default=ROOT / "samples", help="folder of front.jpg, back.jpg, ...")
    given = parser.parse_args()
    cv2.setNumThreads(given.threads)
    print(f"{given.threads} thread(s), medians of {given.runs} turns: ms, ratio, its range; mean and greatest change")
    for file in sorted(given.models.glob("*segmenter.onnx")):
        sessions, image = sessions_of(file, given.threads), surface_of(file, given.samples)
        work = {
            name: lambda session=session: session.run(["probability"], {"image": image[None]})  # noqa: B023
            for name, session in sessions.items()
        }
        print(f"\n{file.name}, {image.shape[1]} x {image.shape[0]}")
        print("\n".join(lines(in_turns(work, given.runs, given.threads), moved(sessions, image))))
    photos = [PhotoFile(s, twelve_megapixels(given.samples / f"{s}.jpg"), s) for s in Surface]
    inspectors = {
        REFERENCE: Inspector.load(given.models, given.threads),
        f"openvino {best_precision()}": Inspector.load(given.models, given.threads, runtime="openvino"),
    }
    for title, some in (("one photo of 12 MP, whole", photos[:1]), ("six photos of 12 MP, one after another", photos)):
        whole = {
            name: lambda one=one, some=some: [one.inspect(photo) for photo in some]  # type: ignore[misc]
            for name, one in inspectors.items()
        }
        print(f"\n{title}")
        print("\n".join(lines(in_turns(whole, given.runs, given.threads))))


if __name__ == "__main__":
    main()
