"""What `phonegrade --help` costs and says: nothing of a verb is imported for the list of verbs."""

import inspect
import subprocess
import sys

import pytest

from phonegrade.cli.main import VERBS, Verb

HEAVY = ("cv2", "numpy", "onnxruntime", "pydantic", "yaml", "phonegrade.configs.policy", "phonegrade.service.keys")


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_the_list_says_of_a_verb_what_its_own_help_opens_with(verb: Verb) -> None:
    loaded = verb.load()
    assert loaded.name == verb.name
    assert " ".join(inspect.cleandoc(loaded.help).split("\n\n")[0].split()) == verb.help
    assert loaded.rich_help_panel == verb.panel


def test_the_list_of_verbs_imports_none_of_them() -> None:
    code = (
        "import sys\nfrom phonegrade.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    assert ran.stdout.splitlines()[-1] == "[]"
