"""Several shots: one mark is one mark, and nobody's word is lost."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.configs.inspection import Defect, Inspection, Point
from phonegrade.configs.policy import load_policy, shipped_policies
from phonegrade.configs.vocabulary import DefectKind, Surface, Zone
from phonegrade.grading.decision import Status
from phonegrade.grading.judge import judge
from phonegrade.grading.place import outline_mm, overlap
from phonegrade.grading.shots import fuse, judge_shots
from phonegrade.tests.grading.builders import SIZE_MM, defect, inspection, phone, report

POLICY = load_policy("ctia-like")
POSE = ((100.0, 50.0), (820.0, 90.0), (790.0, 1600.0), (80.0, 1520.0))
"""Another camera's view of the front: tilted, further away, elsewhere in the frame."""


def px_from_mm(point_mm: Point, outline: tuple[Point, ...], size_mm: tuple[float, float]) -> Point:
    """Where a point of the surface stands in a photo, by the projective map of the unit square."""
    a, b, c, d = (np.array(corner) for corner in outline)
    u, v = point_mm[0] / size_mm[0], point_mm[1] / size_mm[1]
    dx1, dx2, total = b - c, d - c, a - b + c - d
    denominator = dx1[0] * dx2[1] - dx2[0] * dx1[1]
    g = (total[0] * dx2[1] - dx2[0] * total[1]) / denominator
    h = (dx1[0] * total[1] - total[0] * dx1[1]) / denominator
    x, y = ((b - a + g * b) * u + (d - a + h * d) * v + a) / (g * u + h * v + 1)
    return float(x), float(y)


def mark(
    name: str,
    corner_mm: Point,
    size_mm: tuple[float, float],
    outline: tuple[Point, ...] = POSE,
    kind: DefectKind = DefectKind.SCRATCH,
    confidence: float = 0.9,
) -> Defect:
    """A box-shaped mark of the front as a photo with this outline shows it."""
    (left, top), (long, wide) = corner_mm, size_mm
    box = ((left, top), (left + long, top), (left + long, top + wide), (left, top + wide))
    polygon = tuple(px_from_mm(point, outline, SIZE_MM[Surface.FRONT]) for point in box)
    found = defect(name, kind, long, wide, long * wide, confidence=confidence)
    return found.model_copy(update={"polygon": polygon})


def shot(
    *marks: Defect, outline: tuple[Point, Point, Point, Point] = POSE, number: int = 0, finest_mm: float = 0.1
) -> Inspection:
    """A photo of the front."""
    taken = inspection(Surface.FRONT, marks, resolvable_mm=finest_mm)
    return taken.model_copy(
        update={"outline": outline, "photo": f"front-{number}.jpg", "photo_sha256": f"{number:064}"}
    )


FLAT = ((0.0, 0.0), (700.0, 0.0), (700.0, 1500.0), (0.0, 1500.0))


def test_places_are_in_surface_millimetres_whatever_the_camera() -> None:
    for outline in (POSE, FLAT):
        taken = shot(outline=outline)
        place = outline_mm(mark("a", (10.0, 20.0), (30.0, 2.0), outline), taken)
        assert place is not None
        assert place.min(axis=0) == pytest.approx([10.0, 20.0], abs=1e-6)
        assert place.max(axis=0) == pytest.approx([40.0, 22.0], abs=1e-6)


def test_overlap_is_whole_for_the_same_mark_and_none_for_a_far_one() -> None:
    taken = shot()
    one, piece, far = (
        outline_mm(mark("a", corner, size), taken)
        for corner, size in (((10.0, 20.0), (30.0, 0.3)), ((12.0, 20.2), (6.0, 0.3)), ((10.0, 60.0), (30.0, 0.3)))
    )
    assert one is not None
    assert piece is not None
    assert far is not None
    assert overlap(one, one, 1.5) == 1.0
    assert overlap(one, piece, 1.5) == 1.0
    assert overlap(one, far, 1.5) == 0.0


def test_a_mark_seen_from_two_cameras_counts_once_with_its_largest_sizes() -> None:
    one = shot(mark("front-1", (10.0, 20.0), (9.0, 0.3)))
    other = shot(mark("front-1", (10.4, 20.5), (9.6, 0.25), FLAT), outline=FLAT, number=1, finest_mm=0.2)
    (found,) = fuse({Surface.FRONT: [one, other]}, POLICY).inspections[Surface.FRONT].defects
    assert (found.id, found.length_mm, found.width_mm) == ("front-1", 9.6, 0.3)


def test_a_surface_photographed_upside_down_is_the_same_surface() -> None:
    upside_down = (POSE[2], POSE[3], POSE[0], POSE[1])
    marks = [((10.0, 20.0), (9.0, 0.3)), ((40.0, 100.0), (4.0, 0.3))]
    one = shot(*(mark(f"front-{n}", *place) for n, place in enumerate(marks)))
    other = shot(*(mark(f"front-{n}", *place) for n, place in enumerate(marks)), outline=upside_down, number=1)
    assert len(fuse({Surface.FRONT: [one, other]}, POLICY).inspections[Surface.FRONT].defects) == 2


@pytest.mark.parametrize("turned", [False, True], ids=["upright", "upside down"])
def test_a_mark_of_another_shot_is_told_in_the_pixels_of_the_one_that_stands_for_the_surface(turned: bool) -> None:
    other_outline = (FLAT[2], FLAT[3], FLAT[0], FLAT[1]) if turned else FLAT
    shared, late = ((10.0, 20.0), (9.0, 0.3)), ((40.0, 100.0), (4.0, 0.3))
    one = shot(mark("front-1", *shared))
    other = shot(
        mark("front-1", *shared, FLAT),
        mark("front-2", *late, FLAT),
        outline=other_outline,
        number=1,
        finest_mm=0.2,
    )
    _, found = fuse({Surface.FRONT: [one, other]}, POLICY).inspections[Surface.FRONT].defects
    assert found.id == "front-2@2"
    assert np.array(found.polygon) == pytest.approx(np.array(mark("", *late, POSE).polygon), abs=0.01)


def test_a_mark_that_two_shots_show_has_one_name_in_both() -> None:
    one = shot(mark("front-1", (40.0, 100.0), (4.0, 0.3)), mark("front-2", (10.0, 20.0), (9.0, 0.3)))
    other = shot(
        mark("front-1", (10.0, 20.0), (9.0, 0.3)), mark("front-2", (20.0, 60.0), (3.0, 0.3)), number=1, finest_mm=0.2
    )
    fused = fuse({Surface.FRONT: [other, one]}, POLICY)
    first, second = fused.shots[Surface.FRONT]
    assert first.inspection == one
    assert [found.id for found in second.inspection.defects] == ["front-2", "front-2@2"]
    assert fused.disagree_on[Surface.FRONT] == ("front-1", "front-2@2")
    assert "front-2@2 (front-1.jpg)" in fused.flags[0].text


def test_a_shot_that_cannot_carry_a_grade_is_told_last_and_with_why() -> None:
    blurred = inspection(Surface.FRONT, flags=("blurred",), resolvable_mm=0.05)
    good, aside = fuse({Surface.FRONT: [blurred, shot(number=1)]}, POLICY).shots[Surface.FRONT]
    assert (good.inspection.photo, good.used, good.why_not) == ("front-1.jpg", True, ())
    assert (aside.inspection, aside.used) == (blurred, False)
    assert [reason.rule for reason in aside.why_not] == ["blurred"]


def test_one_shot_is_told_as_it_is() -> None:
    only = shot(*(mark(f"front-{n}", (10.0, 10.0 * n), (2.0, 0.3)) for n in range(1, 12)))
    fused = fuse({Surface.FRONT: [only]}, POLICY)
    assert fused.inspections[Surface.FRONT] == only
    assert [told.inspection for told in fused.shots[Surface.FRONT]] == [only]


def test_different_marks_of_two_shots_all_count() -> None:
    one = shot(*(mark(f"front-{n}", (10.0, 10.0 * n), (2.0, 0.3)) for n in range(1, 4)))
    other = shot(*(mark(f"front-{n}", (10.0, 10.0 * n), (2.0, 0.3)) for n in range(3, 7)), number=1)
    decision = judge_shots({**{s: [i] for s, i in phone().items()}, Surface.FRONT: [one, other]}, report(), POLICY)
    front = decision.cosmetic.surfaces[0]
    assert (front.counted_defects, front.grade) == (6, "B")
    assert any("@2" in name for reason in front.reasons for name in reason.defect_ids)


def test_two_marks_of_one_shot_are_never_taken_for_one() -> None:
    pieces = [mark("front-1", (10.0, 20.0), (4.0, 0.3)), mark("front-2", (15.0, 20.0), (4.0, 0.3))]
    whole = mark("front-1", (10.0, 20.0), (9.0, 0.3))
    assert (
        len(fuse({Surface.FRONT: [shot(*pieces), shot(whole, number=1)]}, POLICY).inspections[Surface.FRONT].defects)
        == 2
    )


def test_a_mark_in_one_shot_alone_counts_and_asks_for_a_person_where_the_grade_hangs_on_it() -> None:
    crack = mark("front-1", (10.0, 20.0), (30.0, 0.4), kind=DefectKind.CRACK)
    others = {surface: [seen] for surface, seen in phone().items()}
    decision = judge_shots({**others, Surface.FRONT: [shot(crack), shot(number=1)]}, report(), POLICY)
    assert decision.grade == "D0"
    assert decision.needs_review
    assert decision.review[0].rule == "shots-disagree"
    assert decision.review[0].text == "front: front-1 seen in one shot only; with it D, without it A"
    coarse = judge_shots({**others, Surface.FRONT: [shot(crack), shot(number=1, finest_mm=0.45)]}, report(), POLICY)
    assert not coarse.needs_review


def test_a_good_shot_takes_the_place_of_a_blurred_one_but_not_of_its_crack() -> None:
    blurred = inspection(Surface.FRONT, flags=("blurred",))
    others = {surface: [seen] for surface, seen in phone().items()}
    decision = judge_shots({**others, Surface.FRONT: [blurred, shot(number=1)]}, report(), POLICY)
    assert (decision.status, decision.grade, decision.needs_review) == (Status.GRADED, "A0", False)
    crack = mark("front-1", (10.0, 20.0), (30.0, 0.4), FLAT, DefectKind.CRACK)
    cracked = blurred.model_copy(update={"defects": (crack,)})
    decision = judge_shots({**others, Surface.FRONT: [cracked, shot(number=1)]}, report(), POLICY)
    assert decision.needs_review
    assert decision.review[0].defect_ids == ("front-1",)


def test_no_usable_shot_is_told_like_one() -> None:
    shots = {**{s: [i] for s, i in phone().items()}, Surface.TOP: [inspection(Surface.TOP, flags=("blurred",))] * 2}
    assert judge_shots(shots, report(), POLICY).status is Status.RETAKE


boxes = st.tuples(
    st.tuples(st.floats(1.0, 40.0), st.floats(1.0, 140.0)), st.tuples(st.floats(0.5, 25.0), st.floats(0.1, 0.9))
)
taken = st.lists(st.tuples(boxes, st.sampled_from([DefectKind.SCRATCH, DefectKind.CHIP])), max_size=4)


@given(st.lists(taken, min_size=1, max_size=3), st.sampled_from([load_policy(name) for name in shipped_policies()]))
@settings(max_examples=40)
def test_another_shot_never_improves_the_grade_and_their_order_does_not_matter(drawn, policy) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    shots = [
        shot(*(mark(f"front-{n}", *box, kind=kind) for n, (box, kind) in enumerate(marks)), number=number)
        for number, marks in enumerate(drawn)
    ]
    others = {surface: [seen] for surface, seen in phone().items()}
    names = policy.cosmetic.names
    together = judge_shots({**others, Surface.FRONT: shots}, report(), policy)
    assert together.look is not None
    for one in shots:
        alone = judge({**phone(), Surface.FRONT: one}, report(), policy)
        assert alone.look is not None
        assert names.index(together.look) >= names.index(alone.look)
    for order in permutations(shots):
        assert judge_shots({**others, Surface.FRONT: list(order)}, report(), policy) == together


def test_one_shot_a_surface_is_judged_as_before() -> None:
    photos = phone((Surface.FRONT, shot(mark("front-1", (10.0, 20.0), (12.0, 0.3)))))
    assert judge_shots({s: [i] for s, i in photos.items()}, report(), POLICY) == judge(photos, report(), POLICY)


def test_a_zone_on_which_shots_disagree_is_held_against_every_limit() -> None:
    one = mark("front-1", (10.0, 20.0), (9.0, 0.3))
    bezel = one.model_copy(update={"zone": Zone.BEZEL})
    (found,) = fuse({Surface.FRONT: [shot(one), shot(bezel, number=1)]}, POLICY).inspections[Surface.FRONT].defects
    assert found.zone is None
