from __future__ import annotations

import pytest
from django.test import Client

from sandboxes.services import finding
from vibe.accounts.models import User


def test_an_unknown_address_answers_json(as_alice: Client) -> None:
    response = as_alice.get("/api/v1/nothing/here")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


def test_an_address_with_a_line_end_answers_json_too(as_alice: Client) -> None:
    response = as_alice.get("/api/v1/commands/a%0Ab")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_a_wrong_method_says_which_ones_work(as_alice: Client) -> None:
    response = as_alice.put("/api/v1/sandboxes", "{}", content_type="application/json")
    assert response.status_code == 405
    assert response["Allow"] == "GET, POST"
    assert response.json()["error"]["code"] == "method_not_allowed"


def test_a_body_that_is_no_json_is_a_400(as_alice: Client) -> None:
    response = as_alice.post("/api/v1/sandboxes", "{no", content_type="application/json")
    assert response.status_code == 400
    assert response.json()["error"]["message"] == "The body is not JSON."


def test_a_wrong_field_is_named(as_alice: Client) -> None:
    response = as_alice.post(
        "/api/v1/sandboxes", {"ports": ["many"]}, content_type="application/json"
    )
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid"
    assert "ports.0" in response.json()["error"]["message"]


def test_a_missing_field_is_named(as_alice: Client) -> None:
    response = as_alice.post("/api/v1/sandboxes/x/extend", {}, content_type="application/json")
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith("seconds: ")


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_that_no_database_can_hold_is_refused(as_alice: Client, text: str) -> None:
    response = as_alice.post(
        "/api/v1/conversations", {"title": text}, content_type="application/json"
    )
    assert response.status_code == 422


def test_a_nul_in_an_address_is_no_server_error(as_alice: Client) -> None:
    assert as_alice.get("/api/v1/sandboxes/%00").status_code == 422


def test_a_body_that_is_too_large_is_a_413(as_alice: Client, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = as_alice.post(
        "/api/v1/conversations", {"title": "x" * 2000}, content_type="application/json"
    )
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "too_large"


def test_a_failure_of_ours_tells_nothing_of_its_inside(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(user: User) -> None:
        raise RuntimeError("the password is 1234")

    monkeypatch.setattr(finding, "list_for", broken)
    response = as_alice.get("/api/v1/sandboxes")
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal"
    assert b"1234" not in response.content
    assert "the password is 1234" in caplog.text


@pytest.mark.parametrize("body", ["[null, null]", '"name"', "[{}]", "5"])
def test_a_body_that_is_no_object_is_refused(as_alice: Client, body: str) -> None:
    response = as_alice.post("/api/v1/conversations", body, content_type="application/json")
    assert response.status_code == 422
    assert response.json()["error"]["message"].endswith("must be a JSON object")
