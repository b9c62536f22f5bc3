"""The design of a case: what of the phone it hides, what it is made of and how it has aged."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from phonegrade.rendering.device.materials import body_colour, plastic
from phonegrade.rendering.device.sheet import Finish
from phonegrade.rendering.lettering import made_up_word
from phonegrade.rendering.texture import Colour, between, chance, scaled

CaseKind = Literal["clear", "solid", "bumper", "wallet"]
CaseGrip = Literal["plain", "dots", "ribs", "leather", "carbon"]


@dataclass(frozen=True)
class CaseStyle:
    """A case round the phone; lengths in mm. `clear` shows the phone through it, `bumper` leaves the back open."""

    kind: CaseKind
    finish: Finish
    """What it is made of; of a clear case, the tint of its milky rim."""
    opacity: float
    """How much of what lies under its walls it hides, 0..1."""
    lip_mm: float
    """How far it stands out round the phone."""
    overlap_mm: float
    """How far its lip reaches over the front's glass and, of a bumper, the back's cover."""
    grip: CaseGrip
    camera_gap_mm: float
    """Between the camera and its hole."""
    age: float
    """0 new .. 1: yellowed, scuffed, with dust below it."""
    ring: bool
    """A folding ring or a round grip is stuck on its back."""
    name: str
    """What is embossed on its back, if anything."""

    @property
    def colour(self) -> Colour:
        """Linear RGB of its rim."""
        return self.finish.colour

    @property
    def hides_back(self) -> bool:
        """Whether nothing but the camera is seen of the back."""
        return self.kind in ("solid", "wallet")


def draw_case(rng: np.random.Generator) -> CaseStyle:
    """A case: two in five are clear, most others black or coloured."""
    kinds: tuple[CaseKind, ...] = (*("clear",) * 4, *("solid",) * 4, "bumper", "wallet")
    kind, age = kinds[rng.integers(len(kinds))], between(rng, 0, 1) ** 1.5
    grips: tuple[CaseGrip, ...] = ("plain", "plain", "plain", "dots", "ribs", "leather", "carbon")
    grip: CaseGrip = "leather" if kind == "wallet" else grips[rng.integers(len(grips))]
    if kind == "clear":
        milk = between(rng, 0.14, 0.38) + 0.1 * age
        grip = "dots" if chance(rng, 0.5) else "plain"
        finish = plastic((milk, milk * (1 - 0.12 * age), milk * (0.95 - 0.55 * age)), between(rng, 0.04, 0.14))
    else:
        colour = scaled(body_colour(rng), 0.3 if chance(rng, 0.4) else 0.9)
        if grip == "leather":
            brown = between(rng, 0.01, 0.2)
            colour = (brown, brown * between(rng, 0.45, 0.9), brown * between(rng, 0.2, 0.8))
        matt = grip == "leather" or chance(rng, 0.7)
        finish = plastic(colour, between(rng, 0.3, 0.6) if matt else between(rng, 0.06, 0.2))
    return CaseStyle(
        kind=kind,
        finish=finish,
        opacity=between(rng, 0.25, 0.55) if kind == "clear" else 1.0,
        lip_mm=between(rng, 1, 2) if kind == "clear" else between(rng, 1.2, 3),
        overlap_mm=between(rng, 0.15, 1.1),
        grip=grip,
        camera_gap_mm=between(rng, 0.6, 2),
        age=age,
        ring=chance(rng, 0.08),
        name=made_up_word(rng).upper() if chance(rng, 0.35) else "",
    )
