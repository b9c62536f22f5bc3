"""What a user meets on real photos: outcomes of whole phones, and photos that could be graded."""

from pathlib import Path

import pytest

from phonegrade.cli.evaluate import grade_by_assessment
from phonegrade.configs.policy import shipped_policy
from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import DefectKind, Surface, View
from phonegrade.evaluation.real_grades import (
    BETTER,
    BOUNDED,
    RIGHT,
    USABLE,
    WORSE,
    Graded,
    RealPhone,
    count_outcomes,
    count_usable,
    curve_of,
    grade_phone,
    phone_outcome,
    read_phones,
    surface_of,
    why_unusable,
)
from phonegrade.evaluation.real_photos import RealPhoto
from phonegrade.grading.decision import Decision
from phonegrade.grading.judge import judge
from phonegrade.grading.uncertainty.certainty import assess
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.drawn_device import device_photos
from phonegrade.tests.grading.builders import defect, inspection, phone, report

POLICY = shipped_policy("ctia-like")
HEAD = "device,model,surface,file,truth\n"


def graded(*kinds: DefectKind, missing: bool = False) -> Decision:
    """A phone whose front shows these marks, each 12 mm long."""
    defects = tuple(defect(f"front-{n}", kind, length_mm=12.0, confidence=0.97) for n, kind in enumerate(kinds))
    photos = phone((Surface.FRONT, inspection(Surface.FRONT, defects)))
    if missing:
        del photos[Surface.BACK]
    return assess(judge(photos, report(), POLICY), photos, report(), POLICY, None, 1)


def real(truth: tuple[str, str], name: str = "sound-1") -> RealPhone:
    return RealPhone(name, None, (), truth)


@pytest.mark.parametrize(
    ("truth", "decision", "outcome"),
    [
        (("A", "A"), graded(), RIGHT),
        (("A", "A"), graded(DefectKind.SCRATCH), WORSE),
        (("B", "E"), graded(DefectKind.SCRATCH), RIGHT),
        (("D", "E"), graded(DefectKind.SCRATCH), BETTER),
        (("D", "E"), graded(DefectKind.CRACK), RIGHT),
        (("D", "E"), graded(DefectKind.CRACK, missing=True), BOUNDED),
        (("B", "E"), graded(DefectKind.CRACK, missing=True), "no grade: incomplete"),
        (("A", "A"), graded(missing=True), "no grade: incomplete"),
    ],
)
def test_a_grade_is_compared_with_the_truth(truth: tuple[str, str], decision: Decision, outcome: str) -> None:
    assert phone_outcome(real(truth), decision, POLICY) == outcome


def test_phones_are_read_with_the_grades_that_are_true_of_them(tmp_path: Path) -> None:
    assert read_phones(tmp_path, POLICY) == []
    lines = "sound-1,iphone 13,front,a.jpg,A\nsound-1,iphone 13,back,b.jpg,A\ncracked-2,,front,c.jpg,D\n"
    (tmp_path / "devices.csv").write_text(f"{HEAD}{lines}worn-1,,left,d.jpg,B or worse\n", encoding="utf-8")
    sound, cracked, worn = read_phones(tmp_path, POLICY)
    assert (sound.group, sound.true, sound.photos[1]) == ("sound", ("A", "A"), (Surface.BACK, "b.jpg"))
    assert sound.device is not None
    assert (cracked.device, cracked.true, worn.true) == (None, ("D", "E"), ("B", "E"))


@pytest.mark.parametrize("line", ["a,no such phone,front,a.jpg,A", "a,,frontal,a.jpg,A", "a,,front,a.jpg,Z"])
def test_a_wrong_line_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "devices.csv").write_text(f"{HEAD}{line}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"devices\.csv cannot be read"):
        read_phones(tmp_path, POLICY)


def photo(file: str, view: View, surface: Surface | None = None) -> RealPhoto:
    return RealPhoto(file, view, frozenset({"clean"}), None, None, file, surface)


def test_a_photo_is_graded_as_the_surface_that_its_view_names() -> None:
    assert surface_of(photo("a", View.EDGE, Surface.TOP)) is Surface.TOP
    assert surface_of(photo("a", View.EDGE)) is Surface.LEFT
    assert surface_of(photo("a", View.BACK)) is Surface.BACK


def test_photos_that_could_be_graded_are_counted_by_view_and_label(stub_models: Path, tmp_path: Path) -> None:
    inspector = Inspector.load(stub_models)
    (tmp_path / "front.jpg").write_bytes(device_photos()[Surface.FRONT])
    (tmp_path / "none.jpg").write_bytes(b"no picture")
    photos = [photo("front.jpg", View.FRONT), photo("none.jpg", View.FRONT)]
    reasons = [why_unusable(one, tmp_path, None, inspector) for one in photos]
    assert reasons == [USABLE, "not_an_image"]
    (counted,) = count_usable(photos, reasons)
    assert (counted.view, counted.label, counted.photos) == ("front", "clean", 2)
    assert counted.why == {USABLE: 1, "not_an_image": 1}


def test_a_phone_with_one_unusable_photo_keeps_its_other_surfaces(stub_models: Path, tmp_path: Path) -> None:
    for surface, data in device_photos().items():
        (tmp_path / f"{surface}.jpg").write_bytes(b"" if surface is Surface.TOP else data)
    files = tuple((surface, f"{surface}.jpg") for surface in Surface)
    phone = RealPhone("p-1", None, files, ("A", "A"))
    decision = grade_phone(phone, tmp_path, Inspector.load(stub_models), POLICY, grade_by_assessment)
    assert isinstance(decision, Decision)
    (top,) = (one for one in decision.cosmetic.surfaces if one.surface is Surface.TOP)
    assert [reason.rule for reason in top.reasons] == ["empty_photo"]


def test_outcomes_and_reviews_are_counted_by_group() -> None:
    phones = [real(("A", "A")), real(("A", "A"), "sound-2"), real(("D", "E"), "cracked-1")]
    decisions = [graded(), graded(DefectKind.SCRATCH), graded(DefectKind.CRACK)]

    def outcome(one: RealPhone, decision: Graded) -> str:
        return phone_outcome(one, decision, POLICY)

    sound, cracked = count_outcomes(phones, decisions, outcome)
    assert (sound.phones, sound.outcomes, cracked.outcomes) == (2, {RIGHT: 1, WORSE: 1}, {RIGHT: 1})
    last = curve_of(phones, decisions, outcome)[-1]
    assert (last.review, last.wrong, last.over) == (0.0, pytest.approx(1 / 3), 0.0)
