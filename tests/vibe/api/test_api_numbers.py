"""Numbers of thousands of digits, which Python refuses to read, are the caller's mistake."""

from __future__ import annotations

import pytest
from django.test import Client

from vibe.accounts.models import User

MANY = "9" * 5000


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/sandboxes?limit={MANY}",
        f"/api/v1/sandboxes/none/events?before={MANY}",
        f"/api/v1/commands/none/logs?after={MANY}",
        f"/api/v1/commands/none/logs?tail={MANY}",
        f"/api/v1/turns/none/events?after={MANY}",
        f"/vercel/v2/sandboxes?limit={MANY}",
        f"/vercel/v2/sandboxes?cursor={MANY}",
        f"/vercel/v1/sandboxes?since={MANY}",
    ],
)
def test_in_a_query(as_alice: Client, path: str) -> None:
    assert 400 <= as_alice.get(path).status_code < 500


@pytest.mark.parametrize("header", ["Last-Event-ID", "Range", "If-Match"])
def test_in_a_header(as_alice: Client, header: str) -> None:
    value = f"bytes={MANY}-{MANY}" if header == "Range" else MANY
    for path in ("/api/v1/turns/none/events", "/api/v1/sandboxes/none/files/content?path=x"):
        assert 400 <= as_alice.get(path, headers={header: value}).status_code < 500


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/keys", '{"days": %s}'),
        ("/api/v1/sandboxes", '{"timeout": %s}'),
        ("/vercel/v2/sandboxes", '{"projectId": "p", "timeout": %s}'),
        ("/api/v1/conversations", "%s"),
    ],
)
def test_in_a_body(as_alice: Client, path: str, body: str) -> None:
    answer = as_alice.post(path, body % MANY, content_type="application/json")
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("days", [MANY, "-1", "٣", "1e9", " 7"])
def test_in_a_form(client: Client, alice: User, days: str) -> None:
    client.force_login(alice)
    assert client.post("/settings/api-keys/", {"name": "x", "days": days}).status_code == 422
    assert not alice.api_keys.exists()


@pytest.mark.parametrize(
    "path",
    [f"/admin/accounts/user/?p={MANY}", f"/admin/accounts/user/{MANY}/change/",
     f"/commands/none/?from={MANY}"],
)  # fmt: skip
def test_in_the_address_of_a_page(client: Client, db: None, path: str) -> None:
    client.force_login(User.objects.create_superuser("root"))
    assert client.get(path).status_code < 500


@pytest.mark.parametrize("name", ["vibe_session", "vibe_csrf", "messages"])
def test_in_a_cookie(client: Client, db: None, name: str) -> None:
    client.cookies[name] = MANY
    assert client.get("/sign-in/").status_code == 200


def test_of_preferences(client: Client, alice: User) -> None:
    client.force_login(alice)
    body = f'{{"panes": {{"chat": {MANY}}}}}'
    answer = client.post("/preferences/", body, content_type="application/json")
    assert 400 <= answer.status_code < 500
