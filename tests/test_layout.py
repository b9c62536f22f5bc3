"""The house rules: which room imports which, no circles, sizes, and what the base install never imports."""

import ast
import tomllib
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
    "recognition": SEES,
    "journeys": {"core", "configs", "grading"},
    "store": {*ASSESSES, "recognition", "journeys"},
    "batch": ASSESSES,
    "service": {*ASSESSES, "recognition", "journeys", "store", "batch"},
    "datasets": SEES,
    "rendering": {*SEES, "datasets"},
    "models": SEES,
    "evaluation": {*SEES, "grading", "datasets", "models"},
    "training": {*SEES, "datasets", "rendering", "models", "evaluation"},
    "serve.py": {*ASSESSES, "service"},
    "cli": {
        *ASSESSES,
        "recognition",
        "journeys",
        "store",
        "batch",
        "service",
        "datasets",
        "rendering",
        "models",
        "training",
        "evaluation",
        "serve",
    },
    "__init__.py": {*SEES, "assessment"},
    "__main__.py": {"cli"},
}
"""The table of directions: a room may import itself and these; `phonegrade` alone is the version."""
BASE = {"core", "configs", "inference", "recognition", "grading", "assessment", "journeys", "store", "batch"} | {
    "service",
    "cli",
    "serve.py",
    "__init__.py",
}
HEAVY = {"torch", "torchvision", "albumentations", "onnx", "onnxscript", "tensorboard", "safetensors"}
NEEDS_TRAIN = {"training", "models", "datasets", "rendering", "evaluation"}
FILES = sorted(
    path for part in ALLOWED for path in ([ROOT / part] if part.endswith(".py") else (ROOT / part).rglob("*.py"))
)
SOURCES = [path for path in FILES if path.is_file()]
MAX_FILE_LINES, MAX_FUNCTION_LINES = 300, 50
SMALL_FILE_LINES, MAX_SMALL_FILES = 30, 12
"""Three functions that are only read together are one file: a file under 30 lines wants a reason."""


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
    """Every module that importing the file imports: all but what stands inside functions or is for types."""
    loaded = set(modules(tree))
    for child in ast.iter_child_nodes(tree):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not _is_for_types(child):
            loaded |= imported_at_load(child)
    return loaded


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


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


def module_of(path: Path) -> str:
    """The dotted name that a file is imported by."""
    return ".".join(("phonegrade", *path.relative_to(ROOT).with_suffix("").parts))


def circles(arrows: dict[str, set[str]]) -> list[set[str]]:
    """Groups of modules of which each imports every other, directly or not: Tarjan's strongly connected components."""
    reached = {module: _reached(module, arrows) for module in arrows}
    groups = {frozenset({m, *(o for o in reached[m] if m in reached.get(o, ()))}) for m in arrows if m in reached[m]}
    return [set(group) for group in groups]


def _reached(start: str, arrows: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for module in arrows.get(waiting.pop(), ()):
            if module not in reached:
                reached.add(module)
                waiting.append(module)
    return reached


def test_no_module_imports_itself_by_a_detour() -> None:
    known = {module_of(path) for path in SOURCES}
    arrows = {module_of(path): imported(ast.parse(path.read_text(encoding="utf-8"))) & known for path in SOURCES}
    assert circles(arrows) == []


def test_the_check_sees_a_circle() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [{"b", "c"}]


def test_no_file_is_long_and_few_are_crumbs() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: count for name, count in lines.items() if count > MAX_FILE_LINES} == {}
    small = sorted(name for name, count in lines.items() if count < SMALL_FILE_LINES)
    assert len(small) <= MAX_SMALL_FILES, small


def test_no_function_is_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert long == []


def test_no_two_public_classes_share_a_name() -> None:
    owners: dict[str, list[str]] = {}
    for path in SOURCES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                owners.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: files for name, files in owners.items() if len(files) > 1} == {}


def test_arrays_have_one_home_for_their_names() -> None:
    elsewhere = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("NDArray[")
    ]
    assert {place.partition(":")[0] for place in elsewhere} == {"core/arrays.py"}, elsewhere


def test_every_folder_with_code_is_installed() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    folders = {".".join(("phonegrade", *path.relative_to(ROOT).parent.parts)) for path in SOURCES}
    assert sorted(packages) == sorted(folders)


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
