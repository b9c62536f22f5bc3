"""Several views: one defect counts once, and no view is ignored."""

import numpy as np
import pytest

from phonegrade.configs.policy import load_policy
from phonegrade.core.inspection import Dirt, QualityFlag
from phonegrade.core.vocabulary import Contamination, DefectKind, Surface, Zone
from phonegrade.grading.decision import Status
from phonegrade.grading.judge import judge
from phonegrade.grading.multi_view.correspondence import outline_mm, overlap
from phonegrade.grading.multi_view.views import fuse_views, judge_all_views
from phonegrade.tests.grading.builders import inspection, phone, report
from phonegrade.tests.grading.drawn_views import POSE, drawn_defect, front_view

POLICY = load_policy("ctia-like")
FLAT = ((0.0, 0.0), (700.0, 0.0), (700.0, 1500.0), (0.0, 1500.0))


def test_outlines_are_in_surface_millimetres_whatever_the_camera() -> None:
    for outline in (POSE, FLAT):
        taken = front_view(outline=outline)
        outline_in_mm = outline_mm(drawn_defect("a", (10.0, 20.0), (30.0, 2.0), outline), taken)
        assert outline_in_mm is not None
        assert outline_in_mm.min(axis=0) == pytest.approx([10.0, 20.0], abs=1e-6)
        assert outline_in_mm.max(axis=0) == pytest.approx([40.0, 22.0], abs=1e-6)


def test_overlap_is_one_for_the_same_defect_and_zero_for_a_distant_one() -> None:
    taken = front_view()
    one, piece, far = (
        outline_mm(drawn_defect("a", corner, size), taken)
        for corner, size in (((10.0, 20.0), (30.0, 0.3)), ((12.0, 20.2), (6.0, 0.3)), ((10.0, 60.0), (30.0, 0.3)))
    )
    assert one is not None
    assert piece is not None
    assert far is not None
    assert overlap(one, one, 1.5) == 1.0
    assert overlap(one, piece, 1.5) == 1.0
    assert overlap(one, far, 1.5) == 0.0


def test_a_defect_in_two_views_counts_once_with_the_sizes_of_the_finer() -> None:
    one = front_view(drawn_defect("front-1", (10.0, 20.0), (9.0, 0.3)))
    other = front_view(drawn_defect("front-1", (10.4, 20.5), (9.6, 0.25), FLAT), outline=FLAT, number=1, finest_mm=0.2)
    (fused,) = fuse_views({Surface.FRONT: [one, other]}, POLICY).inspections[Surface.FRONT].defects
    assert (fused.id, fused.length_mm, fused.width_mm) == ("front-1", 9.0, 0.3)


def test_a_surface_photographed_upside_down_is_the_same_surface() -> None:
    upside_down = (POSE[2], POSE[3], POSE[0], POSE[1])
    placements = [((10.0, 20.0), (9.0, 0.3)), ((40.0, 100.0), (4.0, 0.3))]
    one = front_view(*(drawn_defect(f"front-{n}", *placement) for n, placement in enumerate(placements)))
    other = front_view(
        *(drawn_defect(f"front-{n}", *placement) for n, placement in enumerate(placements)),
        outline=upside_down,
        number=1,
    )
    assert len(fuse_views({Surface.FRONT: [one, other]}, POLICY).inspections[Surface.FRONT].defects) == 2


@pytest.mark.parametrize("turned", [False, True], ids=["upright", "upside down"])
def test_a_defect_of_another_view_is_given_in_the_pixels_of_the_one_that_represents_the_surface(turned: bool) -> None:
    other_outline = (FLAT[2], FLAT[3], FLAT[0], FLAT[1]) if turned else FLAT
    shared, late = ((10.0, 20.0), (9.0, 0.3)), ((40.0, 100.0), (4.0, 0.3))
    one = front_view(drawn_defect("front-1", *shared))
    other = front_view(
        drawn_defect("front-1", *shared, FLAT),
        drawn_defect("front-2", *late, FLAT),
        outline=other_outline,
        number=1,
        finest_mm=0.2,
    )
    _, added = fuse_views({Surface.FRONT: [one, other]}, POLICY).inspections[Surface.FRONT].defects
    assert added.id == "front-2@2"
    assert np.array(added.polygon) == pytest.approx(np.array(drawn_defect("", *late, POSE).polygon), abs=0.01)


def test_a_defect_in_two_views_has_one_id_in_both() -> None:
    one = front_view(
        drawn_defect("front-1", (40.0, 100.0), (4.0, 0.3)), drawn_defect("front-2", (10.0, 20.0), (9.0, 0.3))
    )
    other = front_view(
        drawn_defect("front-1", (10.0, 20.0), (9.0, 0.3)),
        drawn_defect("front-2", (20.0, 60.0), (3.0, 0.3)),
        number=1,
        finest_mm=0.2,
    )
    fused = fuse_views({Surface.FRONT: [other, one]}, POLICY)
    first, second = fused.views[Surface.FRONT]
    assert first.inspection == one
    assert [one.id for one in second.inspection.defects] == ["front-2", "front-2@2"]
    assert fused.disagree_on[Surface.FRONT] == ("front-1", "front-2@2")
    assert "front-2@2 (front-1.jpg)" in fused.flags[0].text


def test_a_view_too_poor_to_be_graded_is_listed_last_with_the_reasons() -> None:
    blurred = inspection(Surface.FRONT, flags=("blurred",), resolvable_mm=0.05)
    good, aside = fuse_views({Surface.FRONT: [blurred, front_view(number=1)]}, POLICY).views[Surface.FRONT]
    assert (good.inspection.photo, good.used, good.why_not) == ("front-1.jpg", True, ())
    assert (aside.inspection, aside.used) == (blurred, False)
    assert [reason.rule for reason in aside.why_not] == ["blurred"]


def test_a_single_view_is_unchanged() -> None:
    only = front_view(*(drawn_defect(f"front-{n}", (10.0, 10.0 * n), (2.0, 0.3)) for n in range(1, 12)))
    fused = fuse_views({Surface.FRONT: [only]}, POLICY)
    assert fused.inspections[Surface.FRONT] == only
    assert [view.inspection for view in fused.views[Surface.FRONT]] == [only]


def test_different_defects_of_two_views_all_count() -> None:
    one = front_view(*(drawn_defect(f"front-{n}", (10.0, 10.0 * n), (2.0, 0.3)) for n in range(1, 4)))
    other = front_view(*(drawn_defect(f"front-{n}", (10.0, 10.0 * n), (2.0, 0.3)) for n in range(3, 7)), number=1)
    decision = judge_all_views({**{s: [i] for s, i in phone().items()}, Surface.FRONT: [one, other]}, report(), POLICY)
    front = decision.cosmetic.surfaces[0]
    assert (front.counted_defects, front.grade) == (6, "B")
    assert any("@2" in name for reason in front.reasons for name in reason.defect_ids)


def test_two_defects_of_one_view_are_never_merged() -> None:
    pieces = [drawn_defect("front-1", (10.0, 20.0), (4.0, 0.3)), drawn_defect("front-2", (15.0, 20.0), (4.0, 0.3))]
    whole = drawn_defect("front-1", (10.0, 20.0), (9.0, 0.3))
    assert (
        len(
            fuse_views({Surface.FRONT: [front_view(*pieces), front_view(whole, number=1)]}, POLICY)
            .inspections[Surface.FRONT]
            .defects
        )
        == 2
    )


def test_a_defect_in_one_view_alone_counts_and_is_reviewed_where_the_grade_depends_on_it() -> None:
    crack = drawn_defect("front-1", (10.0, 20.0), (30.0, 0.4), kind=DefectKind.CRACK)
    others = {surface: [one] for surface, one in phone().items()}
    decision = judge_all_views({**others, Surface.FRONT: [front_view(crack), front_view(number=1)]}, report(), POLICY)
    assert decision.grade == "D0"
    assert decision.needs_review
    assert decision.review[0].rule == "views_disagree"
    assert decision.review[0].text == "front-1 visible in one view only; counted, the grade is D, else A"
    coarse = judge_all_views(
        {**others, Surface.FRONT: [front_view(crack), front_view(number=1, finest_mm=0.45)]}, report(), POLICY
    )
    assert not coarse.needs_review


def test_a_good_view_replaces_a_blurred_one_but_not_its_crack() -> None:
    blurred = inspection(Surface.FRONT, flags=("blurred",))
    others = {surface: [one] for surface, one in phone().items()}
    decision = judge_all_views({**others, Surface.FRONT: [blurred, front_view(number=1)]}, report(), POLICY)
    assert (decision.status, decision.grade, decision.needs_review) == (Status.GRADED, "A0", False)
    crack = drawn_defect("front-1", (10.0, 20.0), (30.0, 0.4), FLAT, DefectKind.CRACK)
    cracked = blurred.model_copy(update={"defects": (crack,)})
    decision = judge_all_views({**others, Surface.FRONT: [cracked, front_view(number=1)]}, report(), POLICY)
    assert decision.needs_review
    assert decision.review[0].defect_ids == ("front-1",)


def test_views_without_a_usable_one_are_graded_like_a_single_poor_view() -> None:
    views = {**{s: [i] for s, i in phone().items()}, Surface.TOP: [inspection(Surface.TOP, flags=("blurred",))] * 2}
    assert judge_all_views(views, report(), POLICY).status is Status.RETAKE


def test_a_false_positive_that_four_equally_fine_views_do_not_show_no_longer_counts_but_is_reviewed() -> None:
    false = drawn_defect("front-1", (10.0, 20.0), (12.0, 0.3), confidence=0.78)
    views = [front_view(false), *(front_view(number=number) for number in range(1, 5))]
    others = {surface: [one] for surface, one in phone().items()}
    alone = judge({**phone(), Surface.FRONT: views[0]}, report(), POLICY)
    together = judge_all_views({**others, Surface.FRONT: views}, report(), POLICY)
    assert alone.cosmetic_grade != "A"
    assert together.cosmetic_grade == "A"
    assert [reason.rule for reason in together.review] == ["views_disagree"]


def test_a_large_certain_crack_is_not_voted_away() -> None:
    crack = drawn_defect("front-1", (10.0, 20.0), (60.0, 0.4), kind=DefectKind.CRACK)
    washed_out = [front_view(number=number) for number in range(1, 9)]
    (fused,) = fuse_views({Surface.FRONT: [front_view(crack), *washed_out]}, POLICY).inspections[Surface.FRONT].defects
    assert 0.6 < fused.confidence < crack.confidence


@pytest.mark.parametrize("flag", ["clipped", "tilted", "clean_and_retake"])
def test_a_flagged_view_lowers_no_confidence(flag: str) -> None:
    clear = front_view(drawn_defect("front-1", (10.0, 20.0), (9.0, 0.3)))
    flagged = front_view(number=1).model_copy(update={"quality": (QualityFlag(code=flag, message="it is"),)})
    policy = POLICY.model_copy(
        update={"evidence": POLICY.evidence.model_copy(update={"retake_on": (), "incomplete_on": ()})}
    )
    fused = fuse_views({Surface.FRONT: [clear, flagged]}, policy)
    assert [view.used for view in fused.views[Surface.FRONT]] == [True, True]
    assert fused.inspections[Surface.FRONT].defects[0].confidence == 0.9


def test_dirt_or_a_defect_of_another_kind_at_its_position_lowers_no_confidence() -> None:
    scratch = drawn_defect("front-1", (10.0, 20.0), (9.0, 0.3))
    patch = Dirt(kind=Contamination.OIL, confidence=0.4, polygon=scratch.polygon, area_mm2=3.0)
    dirty = front_view(number=1).model_copy(update={"contamination": (patch,)})
    cracked = front_view(
        drawn_defect("front-1", (10.0, 20.0), (9.0, 0.3), kind=DefectKind.CRACK, confidence=0.4), number=1
    )
    for other in (dirty, cracked):
        first = fuse_views({Surface.FRONT: [front_view(scratch), other]}, POLICY).inspections[Surface.FRONT].defects[0]
        assert first.confidence == 0.9


def test_uncertain_detections_raise_a_defect_by_their_confidence() -> None:
    confidences = [
        fuse_views(
            {
                Surface.FRONT: [
                    front_view(drawn_defect("front-1", (10.0, 20.0), (9.0, 0.3), confidence=0.6)),
                    front_view(drawn_defect("front-1", (10.0, 20.0), (9.0, 0.3), confidence=faint), number=1),
                ]
            },
            POLICY,
        )
        .inspections[Surface.FRONT]
        .defects[0]
        .confidence
        for faint in (0.3, 0.4, 0.5)
    ]
    assert 0.6 < confidences[0] < confidences[1] < confidences[2]


def test_a_crack_that_other_views_detect_as_a_scratch_is_reviewed_where_the_grade_depends_on_it() -> None:
    place = ((10.0, 20.0), (9.0, 0.05))
    cracked = front_view(drawn_defect("front-1", *place, kind=DefectKind.CRACK, confidence=0.62))
    fused = fuse_views({Surface.FRONT: [cracked, front_view(drawn_defect("front-1", *place), number=1)]}, POLICY)
    assert {one.kind for one in fused.inspections[Surface.FRONT].defects} == {
        DefectKind.CRACK,
        DefectKind.SCRATCH,
    }
    assert "front-1" in fused.review[0].defect_ids


def test_a_size_on_which_views_contradict_each_other_is_flagged_and_reviewed_where_the_grade_depends_on_it() -> None:
    views = [
        front_view(drawn_defect("front-1", (10.0, 20.0), (length_mm, 0.3)), number=number)
        for number, length_mm in enumerate((4.0, 4.2, 30.0))
    ]
    fused = fuse_views({Surface.FRONT: views}, POLICY)
    assert fused.inspections[Surface.FRONT].defects[0].length_mm == 4.2
    assert [flag.code for flag in fused.flags] == ["views_disagree"]
    assert "the largest sizes give" in fused.review[0].text
    assert fused.review[0].defect_ids == ("front-1",)


def test_views_that_agree_within_their_errors_raise_no_flag() -> None:
    views = [
        front_view(drawn_defect("front-1", (10.0, 20.0), (length_mm, 0.3)), number=number)
        for number, length_mm in enumerate((9.0, 9.2, 9.4))
    ]
    fused = fuse_views({Surface.FRONT: views}, POLICY)
    assert (fused.flags, fused.review, fused.disagree_on[Surface.FRONT]) == ((), (), ())


def test_what_an_unused_view_shows_clearly_and_the_others_uncertainly_is_reviewed() -> None:
    faint = front_view(drawn_defect("front-1", (10.0, 20.0), (30.0, 0.4), kind=DefectKind.CRACK, confidence=0.35))
    clear = drawn_defect("front-1", (10.0, 20.0), (30.0, 0.4), kind=DefectKind.CRACK)
    blurred = inspection(Surface.FRONT, (clear,), flags=("blurred",)).model_copy(
        update={"outline": POSE, "photo_sha256": "f" * 64}
    )
    (reason,) = fuse_views({Surface.FRONT: [faint, blurred]}, POLICY).review
    assert reason.text.endswith("which is too poor to be graded")


def test_one_view_per_surface_is_graded_as_without_fusion() -> None:
    photos = phone((Surface.FRONT, front_view(drawn_defect("front-1", (10.0, 20.0), (12.0, 0.3)))))
    assert judge_all_views({s: [i] for s, i in photos.items()}, report(), POLICY) == judge(photos, report(), POLICY)


def test_a_zone_on_which_views_disagree_counts_under_every_limit() -> None:
    one = drawn_defect("front-1", (10.0, 20.0), (9.0, 0.3))
    bezel = one.model_copy(update={"zone": Zone.BEZEL})
    (fused,) = (
        fuse_views({Surface.FRONT: [front_view(one), front_view(bezel, number=1)]}, POLICY)
        .inspections[Surface.FRONT]
        .defects
    )
    assert fused.zone is None
