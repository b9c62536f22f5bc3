"""The house rules: which folder may import which, and what the base install never imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SEES = {"core", "configs", "inference"}
ASSESSES = {*SEES, "grading", "assessment"}
ALLOWED = {
    "core": set[str](),
    "configs": {"core"},
    "inference": {"core", "configs"},
    "grading": {"core", "configs"},
    "assessment": {*SEES, "grading"},
    "batch": ASSESSES,
    "service": {*ASSESSES, "batch"},
    "datasets": SEES,
    "rendering": {*SEES, "datasets"},
    "models": SEES,
    "evaluation": {*SEES, "grading", "datasets", "models"},
    "training": {*SEES, "datasets", "rendering", "models", "evaluation"},
    "serve.py": {*ASSESSES, "service"},
    "cli": {*ASSESSES, "batch", "service", "datasets", "rendering", "models", "training", "evaluation", "serve"},
    "__init__.py": {*SEES, "assessment"},
    "__main__.py": {"cli"},
}
"""The table of directions: a room may import itself and these; `phonegrade` alone is the version."""
BASE = {"core", "configs", "grading", "inference", "assessment", "batch", "service", "cli", "serve.py", "__init__.py"}
HEAVY = {"torch", "torchvision", "albumentations", "onnx", "onnxscript", "tensorboard", "safetensors"}
NEEDS_TRAIN = {"training", "models", "datasets", "rendering", "evaluation"}
FILES = sorted(
    path for part in ALLOWED for path in ([ROOT / part] if part.endswith(".py") else (ROOT / part).rglob("*.py"))
)
SOURCES = [path for path in FILES if path.is_file()]


def part_of(path: Path) -> str:
    """The folder below the root, or the file's own name at the root."""
    return path.relative_to(ROOT).parts[0]


def modules(node: ast.AST) -> Iterator[str]:
    """Dotted names that one import statement names."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module), level=0, names=names):
            yield from (f"phonegrade.{alias.name}" for alias in names) if module == "phonegrade" else [module]
        case ast.ImportFrom(level=level) if level:
            yield "a relative import"


def imported(tree: ast.AST) -> set[str]:
    """Every module that is imported anywhere below `tree`, function bodies included."""
    return {module for node in ast.walk(tree) for module in modules(node)}


def imported_at_load(tree: ast.AST) -> set[str]:
    """Every module that importing the file imports: all but what stands inside functions."""
    found = set(modules(tree))
    for child in ast.iter_child_nodes(tree):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            found |= imported_at_load(child)
    return found


def top_parts(names: set[str]) -> set[str]:
    """The parts of phonegrade among dotted module names."""
    return {name.split(".")[1] for name in names if name.startswith("phonegrade.")} - {"__version__"}


def test_there_is_something_to_check() -> None:
    assert {"core", "grading", "inference"} <= {part_of(path) for path in SOURCES}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downwards(path: Path) -> None:
    names = imported(ast.parse(path.read_text(encoding="utf-8")))
    part = part_of(path)
    assert top_parts(names) <= {part, *ALLOWED[part]}
    bare = {name.split(".")[0] for name in names} & set(ALLOWED)
    assert bare == set(), "say `from phonegrade.x.y import z`"
    assert "a relative import" not in names


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if part_of(path) in BASE], ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_base_install_never_imports_what_trains(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert {name.split(".")[0] for name in imported(tree)} & HEAVY == set()
    assert top_parts(imported_at_load(tree)) & NEEDS_TRAIN == set()


def test_one_module_imports_albumentations() -> None:
    users = [
        path.relative_to(ROOT)
        for path in SOURCES
        if any(name.split(".")[0] == "albumentations" for name in imported(ast.parse(path.read_text(encoding="utf-8"))))
    ]
    assert len(users) == 1, users


def test_sub_folders_are_namespaces() -> None:
    folders = {part for part in ALLOWED if not part.endswith(".py")} | {"tests", "benchmarks", "samples"}
    assert [path for folder in folders for path in (ROOT / folder).rglob("__init__.py")] == []


def test_the_root_holds_no_other_python_file() -> None:
    assert {path.name for path in ROOT.glob("*.py")} <= {"serve.py", "__init__.py", "__main__.py"}


@pytest.mark.parametrize(
    ("source", "at_load", "anywhere"),
    [
        ("import torch", {"torch"}, {"torch"}),
        ("def f():\n    import torch.nn", set(), {"torch.nn"}),
        ("class A:\n    def f(self):\n        from torch import nn", set(), {"torch"}),
        ("if True:\n    from phonegrade.training.loop import train", {"phonegrade.training.loop"}, None),
        ("from phonegrade import grading", {"phonegrade.grading"}, None),
        ("from .x import y", {"a relative import"}, None),
    ],
)
def test_the_checks_see_imports(source: str, at_load: set[str], anywhere: set[str] | None) -> None:
    tree = ast.parse(source)
    assert imported_at_load(tree) == at_load
    assert imported(tree) == (at_load if anywhere is None else anywhere)
