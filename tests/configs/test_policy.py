"""Policies: the shipped ones are sound, and a wrong one is refused at its line."""

import hashlib
from pathlib import Path

import pytest

import phonegrade.configs.policy as policy_module
from phonegrade.configs.errors import PolicyError
from phonegrade.configs.policy import load_policy, parse_policy, shipped_policies, shipped_policy

SHIPPED = Path(policy_module.__file__).with_name("policies")
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
        ("dead_pixels,", "dead_pixel_s,", "panel_fault.tests.1", "the nearest valid one is 'dead_pixels'"),
        ("mdm_lock", "wifi", "functional.locks.refused.3", "'wifi' is no lock test"),
        ("max_count: 5", "max_count: -5", "limits.1.max_count", "greater than or equal to 0"),
        ("longest_mm: 3.0", "longest_mm: .nan", "limits.1.longest_mm", "finite number"),
        ("longest_mm: 3.0", "longest_mm: .inf", "limits.1.longest_mm", "finite number"),
        ("\nfunctional:", "\nfunktional:", "funktional", "unknown key; the nearest valid one is 'functional'"),
        ("assumed_scale: provisional", "assumed_scale: ignore", "evidence.assumed_scale", "unknown value 'ignore'"),
        ("crack: 0.85,", "crak: 0.85,", "cosmetic.min_confidence.crak", "the nearest valid one is 'crack'"),
        ("resolvable_mm: 0.3", "resolvable_mm: 0.9", "cosmetic", "must not shrink"),
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
        ("rule: B-crack", "rule: A-crack", "rule named twice: A-crack"),
        ("grade: B", "grade: A", "a grade is named twice"),
        ("    grade: E\n    source", "    grade: Z\n    source", "'Z' is none of A, B, C, D, E"),
        ("genuine: 0", "genuine: 3", "a worse state may not have a better digit"),
        ("crack: 0.85, ", "", "min_confidence lacks crack"),
        ("required: [activation_lock", "required: [sim_lock, activation_lock", None),
        ("refused: [activation_lock, ", "refused: [", "required, but a failure would not count: activation_lock"),
        ("name: ctia-like", "name: ctia-like\nname: other", "mine.yaml:5: 'name' is given twice, first on line 4"),
        ("name: ctia-like", "name: &n ctia-like", None),
        ("name: ctia-like", "name: ctia-like\nsha256: " + "0" * 64, "sha256: unknown key"),
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
def test_what_is_no_policy_is_refused(data: bytes) -> None:
    with pytest.raises(PolicyError, match=r"^mine\.yaml"):
        parse_policy(data, "mine.yaml")


@pytest.mark.parametrize("name", ["ctia", "../policies/ctia-like", "/etc/passwd", "ctia-like.yaml", ""])
def test_a_name_never_reaches_a_file_elsewhere(name: str) -> None:
    with pytest.raises(PolicyError, match="the nearest is 'ctia-like'"):
        shipped_policy(name)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(PolicyError, match=r"nowhere\.yaml: cannot be read"):
        load_policy("nowhere.yaml")


def test_every_limit_says_where_it_comes_from() -> None:
    for grade in load_policy("ctia-like").cosmetic.grades:
        for limit in grade.limits:
            assert any(word in limit.source for word in ("our reading", "CTIA", "Griffyn", "Swappa", "refurbishers"))
