"""Several views of a surface: what holds for any views, whatever they show."""

from collections.abc import Sequence
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.configs.policy import Policy, load_policy, shipped_policies
from phonegrade.core.inspection import Inspection, Point
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.grading.multi_view.views import fuse_views, judge_all_views
from phonegrade.tests.grading.builders import phone, report
from phonegrade.tests.grading.drawn_views import drawn_defect, front_view

places = st.sampled_from([(10.0, 20.0), (10.5, 20.4), (14.0, 20.2), (30.0, 90.0)])
sizes = st.tuples(st.floats(0.5, 25.0), st.floats(0.2, 0.9))
kinds = st.sampled_from([DefectKind.SCRATCH, DefectKind.CHIP, DefectKind.CRACK])
confidences = st.floats(0.3, 1.0)
drawn_defects = st.tuples(places, sizes, kinds, confidences)
drawn_views = st.lists(st.lists(drawn_defects, max_size=3), min_size=1, max_size=3)
policies = st.sampled_from([load_policy(name) for name in shipped_policies()])
Drawn = tuple[Point, tuple[float, float], DefectKind, float]


def drawn_view(defects: list[Drawn], number: int, finest_mm: float = 0.1) -> Inspection:
    """Return a view with these defects."""
    listed = (
        drawn_defect(f"front-{n}", corner_mm, size_mm, kind=kind, confidence=sure)
        for n, (corner_mm, size_mm, kind, sure) in enumerate(defects)
    )
    return front_view(*listed, number=number, finest_mm=finest_mm)


def rank_of(views: Sequence[Inspection], policy: Policy) -> int:
    """Return the rank of the cosmetic grade of a phone with these views of its front; 0 is best."""
    others = {surface: [one] for surface, one in phone().items()}
    cosmetic_grade = judge_all_views({**others, Surface.FRONT: views}, report(), policy).cosmetic_grade
    assert cosmetic_grade is not None
    return policy.cosmetic.names.index(cosmetic_grade)


@given(drawn_views, st.lists(st.sampled_from([0.1, 0.12, 0.2]), min_size=3, max_size=3), policies)
@settings(max_examples=30)
def test_the_order_of_views_does_not_matter(drawn: list[list[Drawn]], finest: list[float], policy: Policy) -> None:
    views = [drawn_view(defects, number, finest[number]) for number, defects in enumerate(drawn)]
    fused = fuse_views({Surface.FRONT: views}, policy)
    for order in permutations(views):
        assert fuse_views({Surface.FRONT: list(order)}, policy) == fused


@given(drawn_views, st.lists(drawn_defects, max_size=3), policies)
@settings(max_examples=60)
def test_a_coarser_view_never_improves_the_cosmetic_grade(
    drawn: list[list[Drawn]], coarse: list[Drawn], policy: Policy
) -> None:
    views = [drawn_view(defects, number) for number, defects in enumerate(drawn)]
    assert rank_of([*views, drawn_view(coarse, 9, 0.13)], policy) >= rank_of(views, policy)


@given(drawn_views, policies)
@settings(max_examples=30)
def test_the_same_photo_again_changes_nothing(drawn: list[list[Drawn]], policy: Policy) -> None:
    views = [drawn_view(defects, number) for number, defects in enumerate(drawn)]
    once, twice = fuse_views({Surface.FRONT: views}, policy), fuse_views({Surface.FRONT: [*views, views[0]]}, policy)
    assert (twice.inspections, twice.flags, twice.review) == (once.inspections, once.flags, once.review)
    assert [view.why_not[0].rule for view in twice.views[Surface.FRONT] if not view.used] == ["same_photo"]


apart = st.tuples(
    st.sampled_from([(10.0, 20.0), (10.0, 60.0), (10.0, 100.0), (10.0, 140.0)]), sizes, kinds, confidences
)


@given(st.lists(apart, max_size=4, unique_by=lambda drawn: drawn[0]), policies)
@settings(max_examples=30)
def test_a_second_photo_that_shows_the_same_changes_no_size_and_lowers_no_confidence(
    drawn: list[Drawn], policy: Policy
) -> None:
    before = drawn_view(drawn, 0)
    after = fuse_views({Surface.FRONT: [before, drawn_view(drawn, 1)]}, policy).inspections[Surface.FRONT]
    by_name = {one.id: one for one in after.defects}
    for one in before.defects:
        assert by_name[one.id].confidence >= one.confidence - 5e-5
        assert by_name[one.id].model_copy(update={"confidence": one.confidence}) == one


@given(drawn_views, st.integers(0, 2), drawn_defects, policies)
@settings(max_examples=60)
def test_one_more_defect_in_a_view_never_improves_the_cosmetic_grade(
    drawn: list[list[Drawn]], at: int, extra: Drawn, policy: Policy
) -> None:
    before = [drawn_view(defects, number) for number, defects in enumerate(drawn)]
    at %= len(drawn)
    elsewhere = ((50.0, 130.0), *extra[1:])
    after = [
        drawn_view([*defects, elsewhere] if number == at else defects, number) for number, defects in enumerate(drawn)
    ]
    assert rank_of(after, policy) >= rank_of(before, policy)


@given(drawn_views, st.floats(1.0, 3.0), st.floats(0.0, 0.5), policies)
@settings(max_examples=60)
def test_larger_and_more_certain_defects_in_every_view_never_improve_the_cosmetic_grade(
    drawn: list[list[Drawn]], grown: float, surer: float, policy: Policy
) -> None:
    before = [drawn_view(defects, number) for number, defects in enumerate(drawn)]
    after = [
        view.model_copy(
            update={
                "defects": tuple(
                    one.model_copy(
                        update={
                            "length_mm": (one.length_mm or 0.0) * grown,
                            "width_mm": (one.width_mm or 0.0) * grown,
                            "area_mm2": (one.area_mm2 or 0.0) * grown**2,
                            "confidence": one.confidence + surer * (1.0 - one.confidence),
                        }
                    )
                    for one in view.defects
                )
            }
        )
        for view in before
    ]
    assert rank_of(after, policy) >= rank_of(before, policy)
