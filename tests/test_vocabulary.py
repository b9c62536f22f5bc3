"""The field's words: private words that the project once used stay out of names and prose."""

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = {
    "told": "prediction, detections, reported; by type",
    "tells": "prediction, detections, reported; by type",
    "said": "answer, text, line; by type",
    "seen": "inspections, detections; by type",
    "found": "matches, defects, devices; by type",
    "marks": "annotations, defects, instances; by type",
    "accused": "false_positives",
    "look": "cosmetic_grade",
    "looks": "cosmetic_grades",
    "worth": "value_share",
    "letter_at_best": "grade_cap",
    "answer_set": "prediction_set",
    "of_which": "size_bins",
    "believed": "valid_mask",
    "survey": "rectify",
    "Survey": "RectifiedSurface",
    "sides_sha256": "boundary_refiner_sha256",
    "SideFinder": "BoundaryRefiner",
    "halved": "downscaled",
    "shrink": "downscale",
    "bake": "rasterise",
    "baked": "rasterised, cached",
    "prebake": "cache_tiles",
    "trunk": "encoder",
    "Pixels": "Normalize",
    "DEVIATION": "STD",
    "twin": "clean_counterpart, quantised variant",
    "laid_flat": "rectified",
    "TruthCanvas": "RectifiedSample",
    "headlines": "key_metrics",
    "Aim": "Target",
    "keep_weight": "distillation_weight",
    "keeping_loss": "distillation_loss",
    "seal": "finalise_export",
    "prior_shift": "label_shift",
    "tips_of": "endpoint_bias_of",
    "appraise": "assess_photos",
    "appraisal": "assessment",
    "Appraisal": "Assessment",
    "rejudge": "regrade",
    "micro": "fixed point",
    "mended": "with_passed_tests",
    "complain": "log_line",
    "traps": "hard_negatives",
    "flank": "side_wall, background_strip",
    "doubts": "gradability, review reasons",
}
"""A name that stands for something private, and what the field calls it."""
PHRASES = {
    r"told falsely": "false positive",
    r"accus(e|es|ed|ing)\b": "false positive",
    r"rightly not told": "true negative",
    r"asks? nobody": "ignore region",
    r"laid flat": "rectified",
    r"borne out": "confirmed",
    r"side finder": "boundary refiner",
    r"loose canvas": "fallback canvas",
    r"a person must look": "needs manual review",
    r"by whose word": "source",
    r"answer sets?\b": "prediction set",
    r"keeping loss": "distillation",
    r"prior shift": "label shift",
    r"confidence scale": "Platt scaling",
    r"known looks?\b": "labelled devices",
    r"two judgements": "comparison",
    r"is no (jpeg|png|heic)": "is not a ...",
    r"appraisals?\b": "assessment",
}
HISTORY = {"CHANGELOG.md", "training/RESULTS.md", "tests/test_vocabulary.py"}
"""They speak of what things were once called."""
MADE = {".git", ".venv", "build", "dist", "runs", "reports", "rendered"}
FILES = [
    path
    for path in sorted(ROOT.rglob("*"))
    if not MADE & set(path.relative_to(ROOT).parts) and str(path.relative_to(ROOT)) not in HISTORY
]
CODE = [path for path in FILES if path.suffix == ".py" and path.is_file()]
PROSE = [path for path in FILES if path.suffix in {".py", ".md", ".j2", ".yaml", ".toml"} and path.is_file()]


def named(path: Path) -> set[str]:
    """Every name in a Python file."""
    source = io.StringIO(path.read_text(encoding="utf-8"))
    return {token.string for token in tokenize.generate_tokens(source.readline) if token.type == tokenize.NAME}


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_are_the_fields_own(path: Path) -> None:
    assert {name: NAMES[name] for name in named(path) & set(NAMES)} == {}


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_prose_uses_the_fields_own_words(path: Path) -> None:
    text = " ".join(path.read_text(encoding="utf-8").split())
    private = {match[0]: instead for phrase, instead in PHRASES.items() for match in re.finditer(phrase, text, re.I)}
    assert private == {}
