"""Policies: the shipped ones are valid, and an invalid one is refused at its line."""

import hashlib
from pathlib import Path

import pytest

import phonegrade.configs.policy as policy_module
from phonegrade.configs.policy import load_policy, parse_policy, shipped_policies, shipped_policy
from phonegrade.core.errors import PolicyError

SHIPPED = Path(policy_module.__file__).with_name("policies")
PUBLIC_SOURCES = (
    "our reading",
    "CTIA",
    "Griffyn",
    "Swappa",
    "refurbishers",
    "Back Market",
    "Amazon Renewed",
    "SERI",
    "R2v3",
    "two buyers",
)
CTIA = (SHIPPED / "ctia-like.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_policy_carries_its_own_name_and_hash(name: str) -> None:
    policy = load_policy(name)
    assert policy.name == name
    assert policy.sha256 == hashlib.sha256((SHIPPED / f"{name}.yaml").read_bytes()).hexdigest()


def test_a_shipped_policy_is_read_once() -> None:
    assert shipped_policy("ctia-like") is shipped_policy("ctia-like")


def test_a_policy_file_is_the_same_by_name_and_by_path() -> None:
    assert (
        load_policy(SHIPPED / "ctia-like.yaml")
        == load_policy(str(SHIPPED / "ctia-like.yaml"))
        == load_policy("ctia-like")
    )


@pytest.mark.parametrize(
    ("good", "bad", "key", "says"),
    [
        ("max_count: 5", "max_cuont: 5", "limits.1.max_cuont", "unknown key; the nearest valid one is 'max_count'"),
        (
            "kinds: [crack]",
            "kinds: [crak]",
            "limits.0.kinds.0",
            "unknown value 'crak'; the nearest valid one is 'crack'",
        ),
        ("dead_pixels,", "dead_pixel_s,", "gates.0.tests.1", "the nearest valid one is 'dead_pixels'"),
        ("mdm_lock", "wifi", "functional.locks.refused.3", "'wifi' is not a lock test"),
        ("max_count: 5", "max_count: -5", "limits.1.max_count", "greater than or equal to 0"),
        ("longest_mm: 3.0", "longest_mm: .nan", "limits.1.longest_mm", "finite number"),
        ("longest_mm: 3.0", "longest_mm:", "limits.1.longest_mm", "longest_mm is empty; give it a value"),
        ("longest_mm: 3.0", "longest_mm: null", "limits.1.longest_mm", "longest_mm is empty; give it a value"),
        ("longest_mm: 3.0", "longest_mm: yes", "limits.1.longest_mm", "longest_mm cannot be yes"),
        ("longest_mm: 3.0", "longest_mm: 010", "", "010 is not a plain decimal number"),
        ("longest_mm: 3.0", "longest_mm: 1:30", "", "1:30 is not a plain decimal number"),
        ("longest_mm: 3.0", "longest_mm: 0x10", "", "0x10 is not a plain decimal number"),
        ("longest_mm: 3.0", "longest_mm: .inf", "limits.1.longest_mm", "finite number"),
        ("\nfunctional:", "\nfunktional:", "funktional", "unknown key; the nearest valid one is 'functional'"),
        ("assumed_scale: provisional", "assumed_scale: ignore", "evidence.assumed_scale", "unknown value 'ignore'"),
        ("below: 85", "belw: 85", "deductions.0.belw", "unknown key; the nearest valid one is 'below'"),
        ("state: partial_fault", "state: partial_falt", "deductions.3.state", "nearest valid one is 'partial_fault'"),
        ("coverage: 0.9", "coverage: 1.9", "review.coverage", "less than 1"),
        ("beyond: retake", "beyond: retak", "contamination.beyond", "the nearest valid one is 'retake'"),
        (
            "cosmetic:\n  min_confidence: model",
            "cosmetic:\n  min_confidence: {crak: 0.5}",
            "cosmetic.min_confidence.crak",
            "the nearest valid one is 'crack'",
        ),
        ("resolvable_mm: 0.6", "resolvable_mm: 0.95", "cosmetic", "must not shrink"),
    ],
)
def test_a_typo_is_refused_at_its_line(good: str, bad: str, key: str, says: str) -> None:
    line = CTIA[: CTIA.index(good)].count("\n") + 1 + (good.count("\n"))
    with pytest.raises(PolicyError) as raised:
        parse_policy(CTIA.replace(good, bad, 1).encode(), "mine.yaml")
    message = next(part for part in str(raised.value).splitlines() if says in part)
    assert key in message
    if key != "cosmetic":
        assert message.startswith(f"mine.yaml:{line}: ")


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ("zones: [camera]", "zones: [bezel]", "grade C: 2 limits cover kind crack in zone bezel of surface back"),
        ("kinds: [scratch, scuff]", "kinds: [scratch]", "grade C: no limit covers kind scuff"),
        ("rule: B_crack", "rule: A_crack", "two rules of the same name: A_crack"),
        ("grade: B", "grade: A", "two grades of the same name"),
        (
            "grade: E\n      source",
            "grade: Z\n      source",
            "functional.gates.0.grade: unknown value 'Z'; the nearest",
        ),
        ('genuine: "0"', 'genuine: "3"', "a worse state may not have a lower digit"),
        ('genuine: "0"', 'genuine: "9"', "a worse state may not share the name of a better one"),
        (
            "{A: 1.0, B: 0.9,",
            "{B: 1.0, A: 0.9,",
            "value.costs: must name the grades of value_share in the same order: B, A, C",
        ),
        ("{A: 1.0, B: 0.9,", "{A: 1.0, B: 0.4,", "a worse grade may not have a larger share"),
        ("B: {A: 0.1, B: 0.0", "B: {A: 0.1, B: 0.3", "value.costs.B: the costs of giving B must be 0 where it is true"),
        ("C: {A: 0.25, B: 0.15", "C: {A: 0.05, B: 0.15", "costs of giving C must be 0 where it is true and grow"),
        ("max_count: 15", "max_count: 4", "B_body_scratch allows max_count 4, less than A_body_scratch"),
        ("      below: 85\n", "", "measure and below belong together"),
        ("      state: non_functional\n", "", "give exactly one of tests, measure (with below) and state"),
        ("rule: dead\n", "rule: faulty\n", "two rules of the same name: faulty"),
        (
            'grade_format: "{cosmetic_grade}{functional_grade}"',
            'grade_format: "{functional_grade}"',
            "mine.yaml:7: grade_format: must hold {cosmetic_grade}",
        ),
        (
            "  min_confidence: model\n  confidence_source",
            "  min_confidence: {crack: 0.5}\n  confidence_source",
            "min_confidence lacks scratch, scuff, chip, dent; or set it to model",
        ),
        (
            "  min_confidence: model\n  confidence_source",
            "  min_confidence: model\n  edge_min_confidence: {chip: 0.5}\n  confidence_source",
            "cannot be combined with min_confidence: model",
        ),
        ("  min_confidence: model\n  confidence_source", "  min_confidence:\n  confidence_source", "mine.yaml:26"),
        ("  min_confidence: model\n  max_area", "  min_confidence: card\n  max_area", "unknown value 'card'"),
        ("required: [activation_lock", "required: [mdm_lock, activation_lock", None),
        (
            "required: [activation_lock",
            "required: [sim_lock, activation_lock",
            "required, but not refused on failure: sim_lock",
        ),
        (
            "mdm_lock]",
            "mdm_lock, sim_lock]",
            "sim_locked: a phone with a failed sim_lock is refused, so it has no price",
        ),
        (
            "  measures:\n",
            "  required: {source: our reading}\n  measures:\n",
            "give at least one of roles, tests and measures",
        ),
        ("refused: [activation_lock, ", "refused: [", "required, but not refused on failure: activation_lock"),
        ("name: ctia-like", "name: ctia-like\nname: other", "mine.yaml:6: 'name' is given twice, first on line 5"),
        ("name: ctia-like", "name: &n ctia-like", None),
        ("name: ctia-like", "name: ctia-like\nsha256: " + "a" * 64, "sha256: unknown key"),
        ("evidence:", "evidence: [", "mine.yaml:"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(good: str, bad: str, says: str | None) -> None:
    assert good in CTIA
    data = CTIA.replace(good, bad, 1).encode()
    if says is None:
        assert parse_policy(data, "mine.yaml").name == "ctia-like"
        return
    with pytest.raises(PolicyError) as raised:
        parse_policy(data, "mine.yaml")
    assert says in str(raised.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"\xff", b"a" * 300_000, b"[" * 5000])
def test_a_file_that_is_not_a_policy_is_refused(data: bytes) -> None:
    with pytest.raises(PolicyError, match=r"^mine\.yaml"):
        parse_policy(data, "mine.yaml")


@pytest.mark.parametrize("name", ["ctia", "../policies/ctia-like", "/etc/passwd", "ctia-like.yaml", ""])
def test_a_name_never_reaches_a_file_elsewhere(name: str) -> None:
    with pytest.raises(PolicyError, match=r"the nearest is '(ctia-like|marketplace)'"):
        shipped_policy(name)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(PolicyError, match=r"nowhere\.yaml: cannot be read"):
        load_policy("nowhere.yaml")


@pytest.mark.parametrize("name", shipped_policies())
def test_every_limit_names_its_source(name: str) -> None:
    policy = load_policy(name)
    limits = [limit for grade in policy.cosmetic.grades for limit in grade.limits]
    functional = policy.functional
    parts = [*limits, *functional.gates, *functional.deductions, *functional.measures, functional.codes, policy.value]
    for part in parts:
        assert any(word in part.source for word in PUBLIC_SOURCES), part.source


BINNED = """max_count: 6
          size_bins:
            - {longer_mm: 1.0, max_count: 3}
            - {longer_mm: 1.5, wider_mm: 0.5, max_count: 1}
"""


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ("longer_mm: 1.0", "longer_mm: 1.8", "not all longer than 1.8 mm; list smaller sizes first"),
        ("max_count: 1}", "max_count: 4}", "allows more defects longer than 1.5 mm and wider than 0.5 mm than"),
        ("longer_mm: 1.0", "visible_at_mm: 300", "visible_at_mm needs cosmetic.acuity"),
        ("longer_mm: 1.0, ", "", "give either longer_mm, wider_mm or both, or visible_at_mm alone"),
        ("longer_mm: 1.0", "longr_mm: 1.0", "unknown key; the nearest valid one is 'longer_mm'"),
        ("longer_mm: 1.0", "longer_mm: 1.0", None),
    ],
)
def test_size_bins_lie_inside_each_other(good: str, bad: str, says: str | None) -> None:
    data = CTIA.replace("max_count: 6\n", BINNED.replace(good, bad, 1), 1).encode()
    if says is None:
        limit = next(limit for limit in parse_policy(data, "x").cosmetic.grades[1].limits if limit.size_bins)
        assert [size_bin.description for size_bin in limit.size_bins][1] == "longer than 1.5 mm and wider than 0.5 mm"
        return
    with pytest.raises(PolicyError) as raised:
        parse_policy(data, "mine.yaml")
    assert says in str(raised.value)
    first = CTIA[: CTIA.index("max_count: 6")].count("\n") + 1
    assert first <= int(str(raised.value).split(":")[1]) <= first + 3
