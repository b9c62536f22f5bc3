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
from phonegrade.tests.grading.drawn_views import mark, shot

places = st.sampled_from([(10.0, 20.0), (10.5, 20.4), (14.0, 20.2), (30.0, 90.0)])
sizes = st.tuples(st.floats(0.5, 25.0), st.floats(0.2, 0.9))
kinds = st.sampled_from([DefectKind.SCRATCH, DefectKind.CHIP, DefectKind.CRACK])
confidences = st.floats(0.3, 1.0)
drawn_marks = st.tuples(places, sizes, kinds, confidences)
drawn_views = st.lists(st.lists(drawn_marks, max_size=3), min_size=1, max_size=3)
policies = st.sampled_from([load_policy(name) for name in shipped_policies()])
Drawn = tuple[Point, tuple[float, float], DefectKind, float]


def drawn_view(marks: list[Drawn], number: int, finest_mm: float = 0.1) -> Inspection:
    """A view with these marks."""
    listed = (
        mark(f"front-{n}", corner_mm, size_mm, kind=kind, confidence=sure)
        for n, (corner_mm, size_mm, kind, sure) in enumerate(marks)
    )
    return shot(*listed, number=number, finest_mm=finest_mm)


def look_of(views: Sequence[Inspection], policy: Policy) -> int:
    """How far a phone with these views of its front is from the best look."""
    others = {surface: [seen] for surface, seen in phone().items()}
    cosmetic_grade = judge_all_views({**others, Surface.FRONT: views}, report(), policy).cosmetic_grade
    assert cosmetic_grade is not None
    return policy.cosmetic.names.index(cosmetic_grade)


@given(drawn_views, st.lists(st.sampled_from([0.1, 0.12, 0.2]), min_size=3, max_size=3), policies)
@settings(max_examples=30)
def test_the_order_of_views_does_not_matter(drawn: list[list[Drawn]], finest: list[float], policy: Policy) -> None:
    views = [drawn_view(marks, number, finest[number]) for number, marks in enumerate(drawn)]
    fused = fuse_views({Surface.FRONT: views}, policy)
    for order in permutations(views):
        assert fuse_views({Surface.FRONT: list(order)}, policy) == fused


@given(drawn_views, st.lists(drawn_marks, max_size=3), policies)
@settings(max_examples=60)
def test_a_coarser_view_never_improves_the_cosmetic_grade(
    drawn: list[list[Drawn]], coarse: list[Drawn], policy: Policy
) -> None:
    views = [drawn_view(marks, number) for number, marks in enumerate(drawn)]
    assert look_of([*views, drawn_view(coarse, 9, 0.13)], policy) >= look_of(views, policy)


@given(drawn_views, policies)
@settings(max_examples=30)
def test_the_same_photo_again_changes_nothing(drawn: list[list[Drawn]], policy: Policy) -> None:
    views = [drawn_view(marks, number) for number, marks in enumerate(drawn)]
    once, twice = fuse_views({Surface.FRONT: views}, policy), fuse_views({Surface.FRONT: [*views, views[0]]}, policy)
    assert (twice.inspections, twice.flags, twice.review) == (once.inspections, once.flags, once.review)
    assert [told.why_not[0].rule for told in twice.views[Surface.FRONT] if not told.used] == ["same_photo"]


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
    by_name = {found.id: found for found in after.defects}
    for found in before.defects:
        assert by_name[found.id].confidence >= found.confidence - 5e-5
        assert by_name[found.id].model_copy(update={"confidence": found.confidence}) == found


@given(drawn_views, st.integers(0, 2), drawn_marks, policies)
@settings(max_examples=60)
def test_one_more_defect_in_a_view_never_improves_the_cosmetic_grade(
    drawn: list[list[Drawn]], at: int, extra: Drawn, policy: Policy
) -> None:
    before = [drawn_view(marks, number) for number, marks in enumerate(drawn)]
    at %= len(drawn)
    elsewhere = ((50.0, 130.0), *extra[1:])
    after = [drawn_view([*marks, elsewhere] if number == at else marks, number) for number, marks in enumerate(drawn)]
    assert look_of(after, policy) >= look_of(before, policy)


@given(drawn_views, st.floats(1.0, 3.0), st.floats(0.0, 0.5), policies)
@settings(max_examples=60)
def test_larger_and_more_certain_defects_in_every_view_never_improve_the_cosmetic_grade(
    drawn: list[list[Drawn]], grown: float, surer: float, policy: Policy
) -> None:
    before = [drawn_view(marks, number) for number, marks in enumerate(drawn)]
    after = [
        view.model_copy(
            update={
                "defects": tuple(
                    found.model_copy(
                        update={
                            "length_mm": (found.length_mm or 0.0) * grown,
                            "width_mm": (found.width_mm or 0.0) * grown,
                            "area_mm2": (found.area_mm2 or 0.0) * grown**2,
                            "confidence": found.confidence + surer * (1.0 - found.confidence),
                        }
                    )
                    for found in view.defects
                )
            }
        )
        for view in before
    ]
    assert look_of(after, policy) >= look_of(before, policy)
