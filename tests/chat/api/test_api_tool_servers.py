"""Servers of tools through the API."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import ToolServer
from chat.services.mcp import tool_servers
from tests.chat.tool_server import Server
from vibe.accounts.models import User

JSON = "application/json"
URL = "/api/v1/tool-servers"
SECRET = "very-secret-word-1234567890"
FAR = {
    "name": "Far",
    "url": "https://tools.example.com/mcp",
    "headers": {"Authorization": f"Bearer {SECRET}"},
}


def test_a_server_is_added_listed_changed_and_deleted(as_alice: Client) -> None:
    made = as_alice.post(URL, FAR, content_type=JSON)
    url = f"{URL}/{made.json()['id']}"
    changed = as_alice.patch(url, {"name": "Near", "enabled": False}, content_type=JSON)
    listed = as_alice.get(URL).json()["items"]

    assert made.status_code == 201
    assert (made.json()["header_names"], made.json()["healthy"]) == (["Authorization"], None)
    assert (changed.status_code, changed.json()["name"]) == (200, "Near")
    assert [one["enabled"] for one in listed] == [False]
    assert SECRET not in made.content.decode() + changed.content.decode() + str(listed)
    assert as_alice.delete(url).status_code == 204
    assert as_alice.get(URL).json() == {"items": []}


def test_a_test_tells_its_tools_and_then_why_it_fails(as_alice: Client, settings) -> None:
    settings.TOOL_SERVERS_PRIVATE = True
    served = Server()
    made = as_alice.post(URL, {"name": "Far", "url": served.url}, content_type=JSON).json()
    good = as_alice.post(f"{URL}/{made['id']}/test", content_type=JSON)
    served.close()
    bad = as_alice.post(f"{URL}/{made['id']}/test", content_type=JSON).json()

    assert (good.status_code, good.json()["healthy"]) == (200, True)
    assert good.json()["tools"] == [
        {"name": "far__echo", "description": "Says what it is told.", "read_only": False}
    ]
    assert (bad["healthy"], bad["tools"]) == (False, good.json()["tools"])
    assert "Nothing answers" in bad["last_error"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"name": " "}, 400, "invalid"),
        ({"name": "x" * 61}, 422, "invalid"),
        ({"url": "ftp://x"}, 400, "invalid"),
        ({"url": "https://u:p@x.example/"}, 400, "invalid"),
        ({"url": "https://x.example/?key=1"}, 400, "invalid"),
        ({"url": "http://169.254.169.254/"}, 403, "denied"),
        ({"headers": {"Host": "x"}}, 400, "invalid"),
        ({"headers": {"X": "a\r\nY: b"}}, 400, "invalid"),
        ({"headers": {f"X{n}": "x" for n in range(11)}}, 422, "invalid"),
    ],
)
def test_what_does_not_fit_is_refused(as_alice: Client, changes, status, code) -> None:
    response = as_alice.post(URL, {**FAR, **changes}, content_type=JSON)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert SECRET not in response.content.decode()
    assert ToolServer.objects.count() == 0


def test_more_than_ones_share_is_refused(as_alice: Client, alice: User, settings) -> None:
    settings.TOOL_SERVERS_PER_USER = 1
    tool_servers.create(alice, name="One", url=FAR["url"])

    response = as_alice.post(URL, FAR, content_type=JSON)

    assert (response.status_code, response.json()["error"]["code"]) == (429, "limit")


def test_somebody_elses_and_everybodys_are_not_found(as_alice: Client, bob: User) -> None:
    for owner in (bob, None):
        server = tool_servers.create(owner, name="x", url=FAR["url"])
        assert as_alice.patch(f"{URL}/{server.pk}", {}, content_type=JSON).status_code == 404
        assert as_alice.post(f"{URL}/{server.pk}/test", content_type=JSON).status_code == 404
        assert as_alice.delete(f"{URL}/{server.pk}").status_code == 404
    assert as_alice.get(URL).json() == {"items": []}


def test_nobody_without_a_key_gets_in(db: None) -> None:
    assert Client().get(URL).status_code == 401


def test_a_name_of_a_tool_is_one_servers_alone(alice: User) -> None:
    shared = tool_servers.create(None, name="Far", url=FAR["url"])
    own = tool_servers.create(alice, name="Far", url=FAR["url"])
    again = tool_servers.create(alice, name="far!", url=FAR["url"])

    assert shared.slug == "far"
    assert len({shared.slug, own.slug, again.slug}) == 3
