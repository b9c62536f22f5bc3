"""The policies that a caller may name: the shipped ones, and those of an operator's folder."""

from pathlib import Path

from phonegrade.configs.policy import Policy, load_policy, shipped_policies, shipped_policy
from phonegrade.core.errors import PolicyError
from phonegrade.core.problems import nearest


class PolicySet:
    """Policies by name; those of a folder are read and checked once, here."""

    def __init__(self, folder: Path | None = None) -> None:
        """Raises PolicyError for a folder without policies, one that is not valid, and two of one name."""
        self._own: dict[str, Policy] = {}
        for file in _files(folder) if folder is not None else ():
            policy = load_policy(file)
            if policy.name in shipped_policies() or policy.name in self._own:
                raise PolicyError(f"{file}: there is a policy {policy.name!r} already; give it a name of its own")
            self._own[policy.name] = policy

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, shipped ones first."""
        return (*shipped_policies(), *self._own)

    def get(self, name: str) -> Policy:
        """Return the policy of that name, never a file elsewhere. Raises PolicyError that names the nearest."""
        if name in self._own:
            return self._own[name]
        if name in shipped_policies():
            return shipped_policy(name)
        near = nearest(name, self.names)[0]
        raise PolicyError(f"unknown policy {name!r:.80}; the nearest is {near!r} (of {', '.join(self.names)})")


def _files(folder: Path) -> list[Path]:
    files = sorted(file for file in folder.glob("*") if file.suffix in (".yaml", ".yml"))
    if not files:
        raise PolicyError(f"{folder}: holds no policy (*.yaml); start one with `phonegrade policy show ctia-like`")
    return files
