"""The share of visible defects, by the light."""

from phonegrade.evaluation.visibility import LightShare, visibility_table


def test_a_bin_counts_its_photos_its_defects_and_the_visible_share() -> None:
    dark, lit = LightShare(False, 20, 10, 0, (True, False)), LightShare(False, 90, 60, 0, (True, True, True, False))
    lines = visibility_table("face", [(dark.surface, dark), (lit.surface, lit)], (0, 25, 50, 100))
    assert lines[2:-1] == [
        "| 0 to 25 | 1 | 2 | 0.50 |",
        "| 25 to 50 | 0 | 0 | - |",
        "| 50 to 100 | 1 | 4 | 0.75 |",
    ]
