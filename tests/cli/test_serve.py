"""What `phonegrade serve` makes of its options."""

from pathlib import Path

import pytest

from phonegrade.cli import serve
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.cli.conftest import Run


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[ServiceSettings]:
    """The settings of what would have been served."""
    served: list[ServiceSettings] = []
    monkeypatch.setattr(serve, "_run", lambda settings, *_, **__: served.append(settings))
    return served


def test_what_a_shop_sets_reaches_the_service(run: Run, served: list[ServiceSettings], tmp_path: Path) -> None:
    rules = ("--offers", "standard", "--challenger", "mine.yaml", "--challenger-share", "0.2")
    hooks = ("--webhook-host", "a.example", "--webhook-host", "b.example", "--webhook-private-host", "10.0.0.7")
    assert run("serve", "--data", tmp_path, *rules, *hooks, "--webhook-http", "--no-inspect").status == 0
    [settings] = served
    assert (settings.data, settings.offers, settings.challenger, settings.challenger_share) == (
        str(tmp_path),
        "standard",
        "mine.yaml",
        0.2,
    )
    assert settings.webhook_hosts == ("a.example", "b.example")
    assert (settings.webhook_private_hosts, settings.webhook_http) == (("10.0.0.7",), True)
    assert not settings.inspect_jobs


def test_without_options_the_service_has_its_own_defaults(run: Run, served: list[ServiceSettings]) -> None:
    assert run("serve").status == 0
    [settings] = served
    assert settings == ServiceSettings(workers=settings.workers)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--challenger", "mine.yaml"), "with --data"),
        (("--webhook-host", "a.example"), "with --data"),
        (("--data", "x", "--challenger-share", "0.5"), "name its rules with --challenger"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    run: Run, served: list[ServiceSettings], options: tuple[str, ...], what: str
) -> None:
    ran = run("serve", *options)
    assert (ran.status, what in ran.err, served) == (2, True, [])
