"""The combined letter."""


def combined_letter(cosmetic: str, at_best: str | None, names: tuple[str, ...]) -> str:
    """The look, unless a panel fault bounds it: the worse of both in `names`, best first."""
    return cosmetic if at_best is None else max(cosmetic, at_best, key=names.index)
