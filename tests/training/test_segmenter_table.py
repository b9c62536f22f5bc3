"""What a segmenter tells of surfaces laid flat by their truth."""

from phonegrade.core.vocabulary import SEGMENTER_CLASSES, View
from phonegrade.evaluation.matching import MatchTally
from phonegrade.training.calibration.confidence import Known
from phonegrade.training.calibration.segmenter_table import view_table


def test_a_kind_is_told_by_its_marks_its_limit_and_whom_it_accuses() -> None:
    known = {name: Known(surest=[0.0, 0.0, 0.0]) for name in SEGMENTER_CLASSES}
    known["chip"] = Known(MatchTally([(0.9, True), (0.8, False), (0.4, True)], [0.9, 0.4, 0.0]), surest=[0.8, 0.3, 0.0])
    rows = view_table(View.EDGE, known, dict.fromkeys(SEGMENTER_CLASSES, 0.5))
    assert rows[0].endswith("| of 3 sound accused |")
    assert "| chip | 3 | 0.556 | 0.333 | 0.500 | 1 |" in rows
    assert "| dent | 0 | - | - | - | 0 |" in rows
