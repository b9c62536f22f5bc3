"""Strategies: any stored device, and policies with every reaction and every kind of bound."""

from hypothesis import strategies as st

from phonegrade.configs.functional_policy import Gate, Required
from phonegrade.configs.limit import SizeBin
from phonegrade.configs.policy import Policy, load_policy, shipped_policies
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import DefectKind, ScaleSource, Surface
from phonegrade.grading.vectorised.to_columns import Device
from phonegrade.tests.grading.builders import defects, dirt, inspection, phone, reports

POLICIES = [load_policy(name) for name in shipped_policies()]


def variants(policy: Policy) -> list[Policy]:
    """The policy, one with every other reaction and every kind of bound, and one that asks for more tests."""
    evidence = policy.evidence.model_copy(
        update={"missing_surface": "retake", "assumed_scale": "incomplete", "unresolvable": "retake"}
    )
    dirt_policy = policy.contamination.model_copy(update={"beyond": "incomplete"})
    bounds = {
        "deepest_mm": 0.2,
        "max_per_dm2": 2.5,
        "total_area_share": 0.01,
        "size_bins": (SizeBin(longer_mm=1.0, max_count=2), SizeBin(longer_mm=1.0, wider_mm=0.6, max_count=0)),
    }
    grades = list(policy.cosmetic.grades)
    limits = tuple(limit.model_copy(update=bounds) for limit in grades[0].limits)
    grades[0] = grades[0].model_copy(update={"limits": limits})
    by_width = {"size_bins": (SizeBin(wider_mm=0.3, max_count=3), SizeBin(longer_mm=1.0, wider_mm=0.6, max_count=1))}
    grades[1] = grades[1].model_copy(
        update={"limits": tuple(limit.model_copy(update=by_width) for limit in grades[1].limits)}
    )
    edges = {DefectKind.SCRATCH: 0.85, DefectKind.CHIP: 0.2}
    cosmetic = policy.cosmetic.model_copy(update={"grades": tuple(grades), "edge_min_confidence": edges})
    other = policy.model_copy(update={"evidence": evidence, "contamination": dirt_policy, "cosmetic": cosmetic})
    return [policy, other, requiring_more(policy)]


def requiring_more(policy: Policy) -> Policy:
    """Return the policy, also requiring tests of every role and measures, and capping the grade of a rooted phone."""
    required = Required(
        roles=("authenticity",),
        tests=("nfc", "sim_lock", "power_on"),
        measures=("battery_health_pct", "battery_cycles"),
        source="our reading",
    )
    worst = policy.cosmetic.names[-1]
    gate = Gate(rule="rooted-phone", tests=("not_rooted",), when_untested=True, grade=worst, source="our reading")
    functional = policy.functional.model_copy(update={"required": required, "gates": (*policy.functional.gates, gate)})
    return policy.model_copy(update={"functional": functional})


ALL = [variant for policy in POLICIES for variant in variants(policy)]
stored_defects = st.builds(
    lambda one, depth, lost: one.model_copy(update={"depth_mm": depth, **dict.fromkeys(lost)}),
    defects,
    st.one_of(st.none(), st.floats(0.0, 1.0)),
    st.one_of(st.just(()), st.just(()), st.sets(st.sampled_from(["length_mm", "width_mm", "area_mm2"]), max_size=1)),
)
patches = st.builds(dirt, st.one_of(st.none(), st.floats(0.0, 300.0)), st.sampled_from([0.3, 0.5, 0.9]))


@st.composite
def inspections_of(draw: st.DrawFn, surface: Surface) -> Inspection:
    """Draw one photo of a surface: mostly good, with anything that can be wrong."""
    drawn = draw(st.lists(stored_defects, max_size=9))
    return inspection(
        surface,
        (*drawn, *drawn[:1]),
        contamination=tuple(draw(st.lists(patches, max_size=3))) if draw(st.booleans()) else (),
        flags=draw(st.sampled_from([(), (), (), ("blurred",), ("view_mismatch",), ("blurred", "blurred", "odd")])),
        resolvable_mm=draw(st.sampled_from([0.1, 0.1, 0.15, 0.2, 0.3, 0.31, 0.5, 0.6])),
        source=draw(st.sampled_from([ScaleSource.CATALOGUE, ScaleSource.CATALOGUE, ScaleSource.ASSUMED])),
        outlined=draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def devices(draw: st.DrawFn) -> Device:
    """Draw one stored device: defect-free but for some surfaces."""
    photos = phone()
    for surface in draw(st.sets(st.sampled_from(Surface), max_size=3)):
        photos[surface] = draw(inspections_of(surface))
    for surface in draw(st.one_of(st.just(frozenset()), st.sets(st.sampled_from(Surface), max_size=1))):
        del photos[surface]
    return photos, draw(st.one_of(reports, reports, st.none(), st.just(FunctionalReport())))
