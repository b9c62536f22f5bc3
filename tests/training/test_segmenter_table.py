"""What a segmenter detects on surfaces rectified by their ground truth."""

from phonegrade.core.vocabulary import SEGMENTER_CLASSES, View
from phonegrade.evaluation.matching import MatchTally
from phonegrade.training.calibration.confidence import ClassEvidence
from phonegrade.training.calibration.segmenter_table import view_table


def test_a_kind_has_its_defects_its_precision_and_its_false_positives() -> None:
    evidence = {name: ClassEvidence(surest=[0.0, 0.0, 0.0]) for name in SEGMENTER_CLASSES}
    evidence["chip"] = ClassEvidence(
        MatchTally([(0.9, True), (0.8, False), (0.4, True)], [0.9, 0.4, 0.0]), surest=[0.8, 0.3, 0.0]
    )
    rows = view_table(View.EDGE, evidence, dict.fromkeys(SEGMENTER_CLASSES, 0.5))
    assert rows[0].endswith("| false positives on 3 defect-free surfaces |")
    assert "| chip | 3 | 0.556 | 0.333 | 0.500 | 1 |" in rows
    assert "| dent | 0 | - | - | - | 0 |" in rows
