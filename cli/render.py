"""`phonegrade render`: photos of worn phones with their truth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from phonegrade.cli.console import print_result
from phonegrade.configs.policy import shipped_policy
from phonegrade.configs.render_settings import WearLevel
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.errors import UsageError
from phonegrade.core.extras import needs_extra

if TYPE_CHECKING:
    from phonegrade.rendering.set_plan import SetPlan

Split = Literal["train", "val", "test"]
PREVIEW_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


OutFolder = Annotated[
    Path | None, typer.Option(help="Folder of the set; finished devices in it are kept.", metavar="DIR")
]
PresetName = Annotated[
    str, typer.Option(help="Where they are photographed: a name in configs/presets/, or a .yaml file.")
]
RouteName = Annotated[
    Literal["rasterised", "path_traced"] | None,
    typer.Option(help="Rasterise every device, which is fast, or path-trace it; without it as the preset says."),
]
Wear = Annotated[WearLevel | None, typer.Option(help="How worn every phone is; without it as the preset mixes them.")]
AllSurfaces = Annotated[
    bool, typer.Option("--all-surfaces", help="All six surfaces in every round: a set to measure repeatability.")
]
IntoSplit = Annotated[
    Split | None, typer.Option(help="Put all devices there; without it a hash of the device decides.")
]
AtMostPx = Annotated[
    int | None, typer.Option(min=64, help="No photo's long side is longer; without it as the preset says.")
]
Pairs = Annotated[bool, typer.Option("--pairs", help="Write each photo a second time without its defects and dirt.")]
OnePhone = Annotated[
    str | None,
    typer.Option(help="Instead of a set, this one phone: --shots photos of each surface, as front-00.jpg ..."),
]
Preview = Annotated[
    Path | None,
    typer.Option(help="Instead of a set, one phone's six surfaces and their truth in this PNG.", metavar="FILE"),
]


def render(
    out: OutFolder = None,
    devices: Annotated[int, typer.Option(min=1, help="How many phones.")] = 20,
    shots: Annotated[int, typer.Option(min=1, help="How many rounds of photos of each.")] = 6,
    preset: PresetName = "mixed",
    seed: Annotated[int, typer.Option(min=0, help="Same seed and settings, same set.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    route: RouteName = None,
    wear: Wear = None,
    all_surfaces: AllSurfaces = False,
    split: IntoSplit = None,
    at_most_px: AtMostPx = None,
    pairs: Pairs = False,
    coco: Annotated[bool, typer.Option("--coco", help="Write COCO instances and panoptic files too.")] = False,
    device: OnePhone = None,
    preview: Preview = None,
) -> None:
    """Render photos of worn phones with pixel and millimetre truth."""
    with needs_extra("train", "render"):
        from phonegrade.rendering.photo import Route
        from phonegrade.rendering.preview import write_preview
        from phonegrade.rendering.set_plan import plan_set
        from phonegrade.rendering.shoot import render_device
    if out is None and preview is None:
        raise UsageError("nothing to do: give --out DIR for a set, or --preview FILE.png for one phone")
    if preview is not None and preview.suffix.casefold() not in PREVIEW_SUFFIXES:
        raise UsageError(f"--preview {preview}: a preview is a picture, such as {preview.with_suffix('.png').name}")
    plan = plan_set(
        preset,
        shots,
        seed,
        route=None if route is None else Route(route),
        wear=wear,
        all_surfaces=all_surfaces,
        split=split,
        pairs=pairs,
        at_most_px=at_most_px,
    )
    if preview is not None:
        write_preview(preview, plan)
        print_result(f"Preview: {preview.resolve()}")
    if out is not None and device is not None:
        first = plan.device(0)
        render_device(out, find_device(device), first.settings, first.route, seed, shots)
    elif out is not None:
        _write_set(out, devices, plan, workers, coco=coco)


def _write_set(out: Path, devices: int, plan: "SetPlan", workers: int, *, coco: bool) -> None:
    """Render the set, with its contact sheet and its data card."""
    from phonegrade.datasets.coco import write_coco
    from phonegrade.datasets.contact_sheet import write_contact_sheet
    from phonegrade.datasets.manifest import read_devices
    from phonegrade.evaluation.true_grades import true_grades
    from phonegrade.rendering.data_card import CARD_POLICY, write_data_card
    from phonegrade.rendering.render import render_set

    render_set(out, devices, plan, workers)
    if coco:
        write_coco(out)
    write_contact_sheet(out)
    card = write_data_card(out, true_grades(read_devices(out), shipped_policy(CARD_POLICY)))
    print_result(f"Data card: {card.resolve()}")
