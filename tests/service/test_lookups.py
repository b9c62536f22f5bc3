"""What the service says of itself: policies, devices, models."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from phonegrade.configs.policy import shipped_policies, shipped_policy_text
from phonegrade.core.errors import PolicyError
from phonegrade.serve import create_app
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.drawn_device import device_photos


@pytest.fixture
def own(tmp_path: Path) -> Path:
    text = shipped_policy_text("ctia-like").replace("name: ctia-like", "name: my-shop")
    (tmp_path / "shop.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_shipped_policies_are_listed_with_version_and_hash(client: TestClient) -> None:
    listed = client.get("/v1/policies").json()["policies"]
    assert [one["name"] for one in listed] == list(shipped_policies())
    assert all(len(one["sha256"]) == 64 and one["cosmetic_grades"] for one in listed)


def test_a_policy_of_the_operator_s_is_listed_and_grades(settings: ServiceSettings, own: Path) -> None:
    photos = {surface.value: (f"{surface}.jpg", data) for surface, data in device_photos().items()}
    with TestClient(create_app(settings.model_copy(update={"policies_dir": own}))) as client:
        assert client.get("/v1/policies").json()["policies"][-1]["name"] == "my-shop"
        answer = client.post("/v1/grade", files=photos, data={"policy": "my-shop"}).json()
        assert answer["versions"]["policy"]["name"] == "my-shop"
        assert ">my-shop</option>" in client.get("/docs").text
        assert 'grades_total{grade="incomplete",policy="my-shop"}' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("text", "problem"),
    [("name: 1", "shop.yaml"), (shipped_policy_text("ctia-like"), "there is a policy 'ctia-like' already")],
)
def test_a_policy_that_is_not_valid_is_refused_at_start(
    settings: ServiceSettings, own: Path, text: str, problem: str
) -> None:
    (own / "shop.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=problem):
        create_app(settings.model_copy(update={"policies_dir": own}))
    (own / "shop.yaml").unlink()
    with pytest.raises(PolicyError, match="holds no policy"):
        create_app(settings.model_copy(update={"policies_dir": own}))


def test_devices_are_found_by_words_and_by_model_code_page_by_page(client: TestClient) -> None:
    by_code = client.get("/v1/devices", params={"q": "SM-G991B"}).json()
    assert by_code["devices"][0]["name"] == "Samsung Galaxy S21 5G" or "S21" in by_code["devices"][0]["name"]
    first = client.get("/v1/devices", params={"q": "iphone", "limit": 2}).json()
    second = client.get("/v1/devices", params={"q": "iphone", "limit": 2, "offset": 2}).json()
    assert first["total"] == second["total"] > 20
    assert len({one["name"] for one in (*first["devices"], *second["devices"])}) == 4
    assert client.get("/v1/devices").json()["total"] > 2000
    assert client.get("/v1/devices", params={"q": "no such phone"}).json() == {"total": 0, "devices": []}


@pytest.mark.parametrize("path", ["/v1/devices?query=x", "/v1/policies?all=1", "/v1/models?x="])
def test_a_query_parameter_that_a_route_does_not_know_is_refused(path: str, client: TestClient) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "usage")


def test_models_are_listed_with_their_cards_and_hashes(client: TestClient) -> None:
    for _ in range(2):
        answer = client.get("/v1/models").json()
        assert answer["signed_with"] is None
        assert set(answer["models"]) >= {"locator", "segmenter", "boundary_refiner"}
        assert all(len(model["sha256"]) == 64 for model in answer["models"].values())
        assert answer["models"]["locator"]["card"]["task"] == "locator"
