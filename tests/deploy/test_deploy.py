"""What `deploy/` and the Dockerfile start, probe and watch is there."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from fastapi.testclient import TestClient

from phonegrade import __version__
from phonegrade.cli.main import app as command
from phonegrade.serve import create_app
from phonegrade.service.keys import ApiKey
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.served_metrics import JOURNEY_METRICS
from phonegrade.tests.served_metrics import METRICS as GRADING_METRICS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
YAML = sorted(path for path in DEPLOY.rglob("*.yaml") if "keys" not in path.parts)
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "phonegrade.json").read_text(encoding="utf-8"))
METRICS = {**GRADING_METRICS, **JOURNEY_METRICS}
SCRAPED = {"job", "instance", "le"}
"""Labels that Prometheus adds."""
_WORDS = re.compile(r"[a-zA-Z_][\w:]*")
_FAMILY = re.compile(r"\b(?:phonegrade|process)_\w+")
_LABELS = re.compile(r"([a-z_]+)=~?\"|(?:by|ignoring) \(([^)]*)\)")


def documents(path: Path) -> list[Any]:
    """Every document of a YAML file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def rules() -> list[dict[str, Any]]:
    """Every recorded figure and alert."""
    (file,) = documents(DEPLOY / "prometheus" / "alerts.yaml")
    return [rule for group in file["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    """Every expression of PromQL that somebody runs."""
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ()))
    yield from (
        variable["query"]["query"] for variable in DASHBOARD["templating"]["list"] if variable["type"] == "query"
    )
    (values,) = documents(DEPLOY / "kubernetes" / "adapter-values.yaml")
    yield from (rule["metricsQuery"] for rule in values["rules"]["custom"])


def family_of(series: str) -> str:
    """The metric that a series of a histogram belongs to."""
    return series if series in METRICS else re.sub(r"_(bucket|sum|count)$", "", series)


def labels_of(expression: str) -> set[str]:
    """Every label that an expression selects or groups by."""
    return {one.strip() for match in _LABELS.finditer(expression) for one in (match[1] or match[2]).split(",")}


def commands() -> dict[str, list[str]]:
    """The arguments that each way to deploy starts `phonegrade` with."""
    (compose,) = documents(DEPLOY / "compose.yaml")
    (deployment,) = documents(DEPLOY / "kubernetes" / "deployment.yaml")
    unit = re.search(r"^ExecStart=\S+ (.*)$", (DEPLOY / "phonegrade.service").read_text(encoding="utf-8"), re.MULTILINE)
    image = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert unit is not None
    assert image is not None
    return {
        "compose": compose["services"]["phonegrade"]["command"],
        "kubernetes": deployment["spec"]["template"]["spec"]["containers"][0]["args"],
        "systemd": shlex.split(unit[1]),
        "image": json.loads(image[1]),
    }


def settings_of(arguments: list[str]) -> dict[str, Any]:
    """What `phonegrade serve` understands of them. Raises click's errors for what it does not."""
    serve: Any = typer.main.get_command(command)
    assert arguments[0] == "serve"
    group = serve.make_context("phonegrade", arguments)
    _, verb, given = serve.resolve_command(group, arguments)
    context = verb.make_context("serve", given)
    return dict(context.params)


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_every_file_is_yaml(path: Path) -> None:
    assert all(documents(path))


@pytest.mark.parametrize("expression", list(expressions()))
def test_what_is_watched_is_measured(expression: str) -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    named = {family_of(series) for series in _FAMILY.findall(expression)} - {"phonegrade_queue_wait_mean_seconds"}
    assert named <= set(METRICS)
    assert {word for word in _WORDS.findall(expression) if word.startswith("phonegrade:")} <= recorded
    labels = labels_of(expression) - {"<<.GroupBy>>"}
    known = SCRAPED.union(*(METRICS[name] for name in named)) if named else SCRAPED | {"path"}
    assert labels <= known


def test_the_service_serves_every_metric_and_no_other(stub_models: Path) -> None:
    with TestClient(create_app(ServiceSettings(models_dir=stub_models, trusted_keys=()))) as client:
        served = set(re.findall(r"^# TYPE (\w+)", client.get("/metrics").text, re.MULTILINE))
    ours = {name for name in served if name.startswith("phonegrade_") and not name.endswith("_created")}
    assert ours == {name for name in GRADING_METRICS if name.startswith("phonegrade_")}
    assert set(GRADING_METRICS) <= served


def test_a_service_with_cases_serves_the_figures_of_journeys(stub_models: Path, tmp_path: Path) -> None:
    settings = ServiceSettings(models_dir=stub_models, trusted_keys=(), data=str(tmp_path / "data"))
    with TestClient(create_app(settings)) as client:
        served = set(re.findall(r"^# TYPE (\w+)", client.get("/metrics").text, re.MULTILINE))
    assert {name for name in served - set(GRADING_METRICS) if name.startswith("phonegrade_")} - {
        name for name in served if name.endswith("_created")
    } == set(JOURNEY_METRICS)


def test_the_check_sees_a_metric_and_a_label_that_are_not_there() -> None:
    assert family_of("phonegrade_queue_wait_seconds_bucket") in METRICS
    assert family_of("phonegrade_waiting_seconds_bucket") not in METRICS
    assert labels_of('sum by (le, d) (a{path="x",b=~"y"})') == {"le", "d", "path", "b"}


def test_every_metric_is_on_the_dashboard() -> None:
    shown = {
        family_of(series)
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", ())
        for series in _FAMILY.findall(target["expr"])
    }
    assert shown == set(METRICS)


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len(alerts) == len({alert["alert"] for alert in alerts}) > 5
    assert [alert["alert"] for alert in alerts if set(alert["annotations"]) != {"summary", "action"}] == []
    assert {alert["labels"]["severity"] for alert in alerts} == {"warning", "critical"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs Prometheus' promtool")
@pytest.mark.parametrize("arguments", [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts_test.yaml"]])
def test_prometheus_understands_the_alerts(arguments: list[str]) -> None:
    done = subprocess.run(  # noqa: S603
        ["promtool", *arguments],  # noqa: S607
        cwd=DEPLOY / "prometheus",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.parametrize("way", list(commands()))
def test_every_command_is_understood(way: str) -> None:
    settings = settings_of(commands()[way])
    assert settings["host"] == "0.0.0.0"  # noqa: S104
    assert settings["keys"] is not None, "other machines are let in with a key alone"
    assert settings["json_logs"] is True


@pytest.mark.parametrize(("way", "stop_s"), [("compose", 35), ("systemd", 35), ("kubernetes", 35 - 5)])
def test_what_was_accepted_is_finished_before_the_service_is_killed(way: str, stop_s: int) -> None:
    assert settings_of(commands()[way])["drain"] <= stop_s - 5
    (compose,) = documents(DEPLOY / "compose.yaml")
    (deployment,) = documents(DEPLOY / "kubernetes" / "deployment.yaml")
    assert compose["services"]["phonegrade"]["stop_grace_period"] == "35s"
    assert deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 35
    assert "TimeoutStopSec=35\n" in (DEPLOY / "phonegrade.service").read_text(encoding="utf-8")


def test_probes_ask_what_the_service_answers() -> None:
    paths = set(create_app().openapi()["paths"])
    (deployment,) = documents(DEPLOY / "kubernetes" / "deployment.yaml")
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    asked = {probe: container[probe]["httpGet"]["path"] for probe in container if probe.endswith("Probe")}
    assert asked == {"startupProbe": "/readyz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}
    assert set(asked.values()) <= paths
    for file in (DEPLOY / "compose.yaml", ROOT / "Dockerfile"):
        assert re.findall(r"127\.0\.0\.1:8000(/\w+)'", file.read_text(encoding="utf-8")) == ["/healthz"]


def test_containers_have_no_privileges_and_write_nothing_but_memory() -> None:
    (compose,) = documents(DEPLOY / "compose.yaml")
    service = compose["services"]["phonegrade"]
    assert (service["user"], service["read_only"], service["cap_drop"]) == ("10001:10001", True, ["ALL"])
    (deployment,) = documents(DEPLOY / "kubernetes" / "deployment.yaml")
    pod = deployment["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "\nUSER 10001:10001\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_autoscaler_follows_what_the_adapter_offers() -> None:
    (autoscaler,) = documents(DEPLOY / "kubernetes" / "autoscaler.yaml")
    (values,) = documents(DEPLOY / "kubernetes" / "adapter-values.yaml")
    offered = {rule["name"]["as"] for rule in values["rules"]["custom"]}
    assert {one["pods"]["metric"]["name"] for one in autoscaler["spec"]["metrics"]} == offered


def test_kubernetes_applies_every_file_but_the_examples() -> None:
    (kustomization,) = documents(DEPLOY / "kubernetes" / "kustomization.yaml")
    folder = {path.name for path in (DEPLOY / "kubernetes").iterdir()}
    assert set(kustomization["resources"]) == folder - {
        "kustomization.yaml",
        "secret.example.yaml",
        "adapter-values.yaml",
    }
    assert kustomization["images"][0]["newTag"] == __version__


def test_the_example_secret_is_a_file_of_keys() -> None:
    (secret,) = documents(DEPLOY / "kubernetes" / "secret.example.yaml")
    assert [ApiKey.model_validate(key) for key in yaml.safe_load(secret["stringData"]["keys.yaml"])]
