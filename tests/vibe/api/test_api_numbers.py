"""Numbers of thousands of digits, which Python refuses to read, are the caller's mistake."""

from __future__ import annotations

import pytest
from django.test import Client

from vibe.accounts.models import User

MANY = "9" * 5000


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/api/v1/sandboxes?limit={MANY}", 422),
        (f"/api/v1/sandboxes/none/events?before={MANY}", 422),
        (f"/api/v1/commands/none/logs?after={MANY}", 422),
        (f"/api/v1/commands/none/logs?tail={MANY}", 422),
        (f"/api/v1/turns/none/events?after={MANY}", 422),
        (f"/vercel/v2/sandboxes?limit={MANY}", 400),
        (f"/vercel/v2/sandboxes?cursor={MANY}", 400),
        (f"/vercel/v1/sandboxes?since={MANY}", 400),
    ],
)
def test_in_a_query(as_alice: Client, path: str, status: int) -> None:
    assert as_alice.get(path).status_code == status


@pytest.mark.parametrize(
    ("header", "of_events"), [("Last-Event-ID", 422), ("Range", 404), ("If-Match", 404)]
)
def test_in_a_header(as_alice: Client, header: str, of_events: int) -> None:
    sent = {header: f"bytes={MANY}-{MANY}" if header == "Range" else MANY}
    content = "/api/v1/sandboxes/none/files/content?path=x"
    assert as_alice.get("/api/v1/turns/none/events", headers=sent).status_code == of_events
    assert as_alice.get(content, headers=sent).status_code == 404


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
    assert answer.status_code == 400


@pytest.mark.parametrize("days", [MANY, "-1", "٣", "1e9", " 7"])
def test_in_a_form(client: Client, alice: User, days: str) -> None:
    client.force_login(alice)
    assert client.post("/settings/api-keys/", {"name": "x", "days": days}).status_code == 422
    assert not alice.api_keys.exists()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/admin/accounts/user/?p={MANY}", 200),
        (f"/admin/accounts/user/{MANY}/change/", 302),
        (f"/commands/none/?from={MANY}", 404),
    ],
)
def test_in_the_address_of_a_page(client: Client, db: None, path: str, status: int) -> None:
    client.force_login(User.objects.create_superuser("root"))
    assert client.get(path).status_code == status


@pytest.mark.parametrize("name", ["vibe_session", "vibe_csrf", "messages"])
def test_in_a_cookie(client: Client, db: None, name: str) -> None:
    client.cookies[name] = MANY
    assert client.get("/sign-in/").status_code == 200


def test_of_preferences(client: Client, alice: User) -> None:
    client.force_login(alice)
    body = f'{{"panes": {{"chat": {MANY}}}}}'
    answer = client.post("/preferences/", body, content_type="application/json")
    assert answer.status_code == 413
