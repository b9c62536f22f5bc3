"""When a number may be taken as read: properties of the rules, without a picture."""

from hypothesis import given
from hypothesis import strategies as st

from phonegrade.recognition.acceptance import Read, judge_code, judge_numbers
from phonegrade.recognition.parsing import Parsed
from phonegrade.recognition.tac_votes import AGREEING, TacVote, suggested_device

GOOD, OTHER, THIRD = "352370817080089", "355982418777215", "490154203237518"
WRONG = "352370817080088"
PLACE, ELSEWHERE = (10.0, 10.0, 300.0, 30.0), (10.0, 200.0, 300.0, 30.0)


def read(value: str = GOOD, reader: str = "barcode", scale: float = 1.0, **more: object) -> Read:
    kind = str(more.pop("kind", "imei"))
    parsed = Parsed(kind, value, labelled=bool(more.pop("labelled", True)))  # type: ignore[arg-type]
    return Read(parsed, reader, scale, more.pop("box", PLACE))  # type: ignore[arg-type]


reads = st.lists(
    st.builds(
        read,
        st.sampled_from([GOOD, OTHER, WRONG, "022938318620700"]),
        st.sampled_from(["barcode", "ocr"]),
        st.sampled_from([1.0, 0.7]),
        kind=st.sampled_from(["imei", "serial", "gtin"]),
        box=st.sampled_from([PLACE, ELSEWHERE]),
    ),
    max_size=8,
)


@given(reads)
def test_nothing_is_accepted_on_the_word_of_one_read_or_against_its_check_digit(given_reads: list[Read]) -> None:
    for one in judge_numbers(given_reads):
        if one.verdict == "accepted":
            assert one.agreeing >= 2
            assert one.parsed.value in (GOOD, OTHER) or one.parsed.kind == "serial"


@given(reads, st.randoms())
def test_the_order_of_reads_changes_no_verdict(given_reads: list[Read], random: object) -> None:
    shuffled = list(given_reads)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def verdicts(some: list[Read]) -> set[tuple[object, ...]]:
        return {(one.parsed.kind, one.parsed.value, one.verdict, one.agreeing) for one in judge_numbers(some)}

    assert verdicts(given_reads) == verdicts(shuffled)


def test_the_same_barcode_twice_at_one_enlargement_is_one_read() -> None:
    (one,) = judge_numbers([read(), read()])
    assert (one.verdict, one.why, one.agreeing) == ("confirm", "one_read", 1)


def test_two_enlargements_or_barcode_and_print_agree() -> None:
    for second in (read(scale=0.7), read(reader="ocr", box=ELSEWHERE)):
        (one,) = judge_numbers([read(), second])
        assert (one.verdict, one.agreeing) == ("accepted", 2)


def test_another_good_number_at_the_same_place_makes_both_doubtful() -> None:
    judged = judge_numbers([read(), read(scale=0.7), read(OTHER, scale=0.7)])
    assert {one.why for one in judged} == {"reads_disagree"}


def test_a_misread_of_what_was_read_well_is_not_shown() -> None:
    judged = judge_numbers([read(), read(scale=0.7), read(WRONG, scale=0.7)])
    assert [(one.parsed.value, one.verdict) for one in judged] == [(GOOD, "accepted")]


def test_three_imeis_are_of_several_phones() -> None:
    places = [(10.0, 100.0 * index, 300.0, 30.0) for index in range(3)]
    some = [
        read(value, scale=scale, box=place)
        for value, place in zip((GOOD, OTHER, THIRD), places, strict=True)
        for scale in (1.0, 0.7)
    ]
    assert {one.why for one in judge_numbers(some)} == {"too_many"}


def test_a_serial_number_needs_its_barcode_and_its_label() -> None:
    serial = "F2LXK0ABN70K"
    print_twice = [read(serial, "ocr", scale, kind="serial") for scale in (1.0, 1.4)]
    bars_twice = [read(serial, "barcode", scale, kind="serial", labelled=False) for scale in (1.0, 0.7)]
    for some in (print_twice, bars_twice):
        (one,) = judge_numbers(some)
        assert (one.verdict, one.why) == ("confirm", "no_check_digit")
    (both,) = judge_numbers([*print_twice, *bars_twice])
    assert both.verdict == "accepted"


def test_a_model_code_needs_two_reads_and_a_device() -> None:
    twice = [read("A2633", "ocr", scale, kind="a_number") for scale in (1.0, 1.4)]
    assert judge_code(twice, True) == ("accepted", None)
    assert judge_code(twice[:1], True) == ("confirm", "one_read")
    assert judge_code(twice, False) == ("unusable", "unknown_code")


def votes(device: str, count: int, start: int = 0) -> list[TacVote]:
    return [TacVote(f"phone-{start + index}", "35237081", device) for index in range(count)]


def test_a_tac_suggests_once_three_phones_agree() -> None:
    assert suggested_device(votes("A", AGREEING - 1), "35237081") is None
    assert suggested_device(votes("A", AGREEING), "35237081") == "A"
    assert suggested_device(votes("A", AGREEING), "35237082") is None


def test_a_phone_votes_once_and_not_for_itself() -> None:
    assert suggested_device(votes("A", 1) * AGREEING, "35237081") is None
    assert suggested_device(votes("A", AGREEING), "35237081", without="phone-0") is None


def test_phones_that_differ_suggest_nothing() -> None:
    assert suggested_device([*votes("A", 3), *votes("B", 2, start=3)], "35237081") is None
    assert suggested_device([*votes("A", 3), *votes("B", 1, start=3)], "35237081") == "A"
