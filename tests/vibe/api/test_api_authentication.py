from __future__ import annotations

from django.test import Client

from tests.fixtures.people import client_of
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User
from vibe.accounts.services import api_keys

URL = "/api/v1/sandboxes"


def test_it_works(as_alice: Client) -> None:
    assert as_alice.get(URL).status_code == 200


def test_a_request_without_key_is_told_how_to_send_one(db: None) -> None:
    response = Client().get(URL)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["error"]["code"] == "unauthorized"
    assert "Authorization: Bearer" in response.json()["error"]["hint"]


def test_a_wrong_key_is_refused_also_beside_a_good_session(alice: User) -> None:
    client = Client(headers={"authorization": "Bearer vibe_" + "x" * 40})
    client.force_login(alice)
    assert client.get(URL).status_code == 401


def test_a_revoked_key_is_refused(alice: User) -> None:
    row, key = api_keys.create(alice)
    api_keys.revoke(row)
    assert Client(headers={"authorization": f"Bearer {key}"}).get(URL).status_code == 401


def test_a_key_of_a_user_switched_off_is_refused(alice: User) -> None:
    client = client_of(alice)
    alice.is_active = False
    alice.save()
    assert client.get(URL).status_code == 401


def test_a_signed_in_browser_may_read(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.get(URL).status_code == 200


def test_a_browser_without_csrf_token_may_not_write(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post("/api/v1/conversations", "{}", content_type="application/json")
    assert response.status_code == 403
    assert "CSRF" in response.json()["error"]["message"]


def test_a_browser_with_csrf_token_may_write(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get("/api/docs")
    token = next(c.value for name, c in client.cookies.items() if "csrf" in name)
    response = client.post(
        "/api/v1/conversations",
        "{}",
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert response.status_code == 201


def test_an_anonymous_write_is_a_401_and_not_a_csrf_error(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(URL, "{}", content_type="application/json").status_code == 401


def test_a_key_that_may_only_read_cannot_delete(alice: User) -> None:
    sandbox = make_sandbox(alice)
    client = client_of(alice, "read")
    assert client.get(f"{URL}/{sandbox.id}").status_code == 200
    response = client.delete(f"{URL}/{sandbox.id}")
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "denied"
    sandbox.refresh_from_db()
    assert sandbox.deleted_at is None


def test_a_key_for_chat_cannot_look_at_sandboxes(alice: User) -> None:
    client = client_of(alice, "chat")
    assert client.get("/api/v1/conversations").status_code == 200
    assert client.get(URL).status_code == 403
