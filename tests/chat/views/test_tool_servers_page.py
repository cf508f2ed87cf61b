"""The page of servers of tools."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import ToolServer
from chat.services.mcp import tool_servers
from tests.chat.tool_server import Server
from vibe.accounts.models import User

PAGE = "/settings/tools/"
PUBLIC = "https://tools.example.com/mcp"
SECRET = "very-secret-word-1234567890"
HEADERS = f"Authorization: Bearer {SECRET}\nX-Team: blue"


@pytest.fixture
def served(settings):
    settings.TOOL_SERVERS_PRIVATE = True
    server = Server()
    yield server
    server.close()


@pytest.fixture
def mine(alice: User) -> ToolServer:
    given = {"Authorization": f"Bearer {SECRET}"}
    return tool_servers.create(alice, name="Far", url=PUBLIC, headers=given)


def test_without_any_it_says_what_they_are_for(page: Client) -> None:
    body = page.get(PAGE).content.decode()

    assert "<title>Tools of other servers – Vibe</title>" in body
    assert "None yet." in body
    assert f'href="{PAGE}"' in page.get("/settings/").content.decode()


def test_a_server_is_added_and_asked_at_once(page: Client, alice: User, served: Server) -> None:
    data = {"name": "My tools", "url": served.url, "headers": HEADERS}

    body = page.post(f"{PAGE}servers/", data, follow=True).content.decode()

    made = ToolServer.objects.get()
    assert (made.owner, made.slug, made.is_healthy) == (alice, "my_tools", True)
    assert "my_tools__echo" in body and "Says what it is told." in body
    assert "answers, with 1 tool." in body
    assert served.headers[0]["X-Team"] == "blue"


def test_headers_are_kept_sealed_and_never_shown(page: Client, mine: ToolServer) -> None:
    body = page.get(PAGE).content.decode()

    assert "Authorization" in body
    assert SECRET not in body
    assert SECRET not in mine.sealed_headers and mine.sealed_headers not in body


def test_a_server_that_fails_says_why(page: Client, served: Server) -> None:
    served.close()

    data = {"name": "Dead", "url": served.url}
    body = page.post(f"{PAGE}servers/", data, follow=True).content.decode()

    assert "Nothing answers at its address." in body and "Fails" in body


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest", "http://localhost:1/", "http://127.1/", "http://[::1]/",
        "http://10.0.0.7/mcp", "http://0x7f000001/",
    ],
)  # fmt: skip
def test_a_private_address_is_refused_with_what_was_typed_but_the_headers(
    page: Client, url: str
) -> None:
    response = page.post(f"{PAGE}servers/", {"name": "Mine", "url": url, "headers": HEADERS})

    body = response.content.decode()
    assert response.status_code == 403
    assert "VIBE_TOOL_SERVERS_PRIVATE" in body and 'value="Mine"' in body
    assert SECRET not in body
    assert ToolServer.objects.count() == 0


@pytest.mark.parametrize(
    "headers", ["no colon", "Host: x", "a b: c", "X: \u00e9", "Mcp-Session-Id: 1", "Proxy-X: 1"]
)
def test_headers_that_are_none_are_refused(page: Client, headers: str) -> None:
    data = {"name": "x", "url": PUBLIC, "headers": headers}

    assert page.post(f"{PAGE}servers/", data).status_code == 400
    assert ToolServer.objects.count() == 0


def test_it_is_changed_switched_off_and_deleted(page: Client, mine: ToolServer) -> None:
    page.post(f"{PAGE}{mine.pk}/", {"name": "Near", "url": PUBLIC, "headers": ""})
    page.post(f"{PAGE}{mine.pk}/", {"enabled": "0"})
    mine.refresh_from_db()
    kept = mine.header_names
    page.post(f"{PAGE}{mine.pk}/", {"forget_headers": "1"})
    mine.refresh_from_db()
    gone = page.post(f"{PAGE}{mine.pk}/delete/")

    assert (mine.name, mine.enabled, kept, mine.header_names) == (
        "Near", False, ["Authorization"], [],
    )  # fmt: skip
    assert (gone.status_code, ToolServer.objects.count()) == (302, 0)


def test_another_server_needs_the_headers_anew(page: Client, mine: ToolServer) -> None:
    response = page.post(f"{PAGE}{mine.pk}/", {"url": "https://other.example/mcp"})

    mine.refresh_from_db()
    assert (response.status_code, mine.url) == (400, PUBLIC)


def test_nobody_touches_somebody_elses(other: Client, mine: ToolServer) -> None:
    for action in ("", "test/", "delete/"):
        assert other.post(f"{PAGE}{mine.pk}/{action}").status_code == 404
    assert "Far" not in other.get(PAGE).content.decode()


def test_everybodys_are_shown_and_not_changed(page: Client) -> None:
    shared = tool_servers.create(None, name="Shared", url="http://localhost:1/mcp")

    body = page.get(PAGE).content.decode()

    assert "Shared" in body and "localhost" not in body
    assert page.post(f"{PAGE}{shared.pk}/", {"name": "x"}).status_code == 404


def test_what_a_server_calls_its_tools_is_text(page: Client, served: Server) -> None:
    served.tools[0] = {**served.tools[0], "description": "<script>alert(1)</script>"}
    data = {"name": "x", "url": served.url}

    body = page.post(f"{PAGE}servers/", data, follow=True).content.decode()

    assert "&lt;script&gt;alert(1)" in body and "<script>alert" not in body
