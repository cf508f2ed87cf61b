from __future__ import annotations

import json

import pytest

from sandboxes.models import Sandbox
from sandboxes.preview.host import BadHost, Target, parse, parse_headers

SANDBOX = "abcdefghij0123456789"


def test_port_and_sandbox_are_read_from_the_host() -> None:
    assert parse(f"3000-{SANDBOX}.vibe.localhost:8000") == Target(3000, SANDBOX)


def test_upper_case_is_the_same_host() -> None:
    assert parse(f"3000-{SANDBOX.upper()}.VIBE.LOCALHOST") == Target(3000, SANDBOX)


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_hosts_of_the_platform_are_no_previews(host: str) -> None:
    assert parse(host) is None


@pytest.mark.parametrize(
    "host",
    [
        f"80-{SANDBOX}.vibe.localhost",
        f"1023-{SANDBOX}.vibe.localhost",
        f"3128-{SANDBOX}.vibe.localhost",
        f"03000-{SANDBOX}.vibe.localhost",
        f"65536-{SANDBOX}.vibe.localhost",
        f"300000-{SANDBOX}.vibe.localhost",
        f"3000-{SANDBOX}x.vibe.localhost",
        "3000-short.vibe.localhost",
        f"3000-{SANDBOX}.vibe.localhost.",
        f"3000-{SANDBOX}.vibe.localhost.:8000",
        f"3000-{SANDBOX}.vibe.localhost:",
        f"3000-{SANDBOX}.vibe.localhost:x.vibe.localhost",
        f"x.3000-{SANDBOX}.vibe.localhost",
        f"user@3000-{SANDBOX}.vibe.localhost",
        f"3000-{SANDBOX[:-1]}_.vibe.localhost",
        f"３０００-{SANDBOX}.vibe.localhost",
        f"3000-{SANDBOX}\n.vibe.localhost",
        "admin.vibe.localhost",
        ".vibe.localhost",
    ],
)
def test_what_merely_looks_like_a_preview_never_reaches_the_platform(host: str) -> None:
    with pytest.raises(BadHost):
        parse(host)


def test_two_host_headers_are_refused() -> None:
    with pytest.raises(BadHost):
        parse_headers(
            [(b"host", b"localhost"), (b"host", f"3000-{SANDBOX}.vibe.localhost".encode())]
        )


def test_a_host_that_the_platform_itself_answers_to_is_no_preview(settings) -> None:
    settings.ALLOWED_HOSTS = ["app.vibe.localhost"]

    assert parse("app.vibe.localhost:8000") is None


def test_a_domain_of_its_own_is_taken_from_the_settings(settings) -> None:
    settings.PREVIEW_DOMAIN = "previews.example"
    settings.ALLOWED_HOSTS = [".example"]

    assert parse(f"3000-{SANDBOX}.previews.example") == Target(3000, SANDBOX)
    with pytest.raises(BadHost):
        parse("admin.previews.example")
    assert parse(f"3000-{SANDBOX}.vibe.localhost") is None


@pytest.mark.sandbox
def test_a_preview_never_shows_pages_of_the_platform(web, sandbox: Sandbox) -> None:
    for path in ("/admin/", "/sign-in/", "/static/css/base.css", "/healthz"):
        assert web.said(web.host(sandbox), path)["target"] == path


@pytest.mark.parametrize("path", ["/admin/", "/sign-in/", "/static/css/base.css", "/healthz"])
def test_a_host_below_the_preview_domain_never_shows_pages_of_the_platform(web, path: str) -> None:
    answer = web.ask(f"admin.vibe.localhost:{web.port}", path)

    assert answer.status == 404
    assert b"no preview at this address" in answer.read()


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5, 5\r\n",
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(
    web, sandbox: Sandbox, framing: bytes
) -> None:
    head = b"POST /smuggled HTTP/1.1\r\nHost: " + web.host(sandbox).encode() + b"\r\n" + framing

    with web.send(head + b"\r\n0\r\n\r\nGET /second HTTP/1.1\r\n\r\n") as connection:
        first = connection.recv(65536)

    assert first.split(b" ", 2)[1] == b"400", first


@pytest.mark.sandbox
@pytest.mark.parametrize("target", ["http://localhost/admin/", "*", "//x y"])
def test_a_target_that_is_no_path_is_refused(web, sandbox: Sandbox, target: str) -> None:
    head = f"OPTIONS {target} HTTP/1.1\r\nHost: {web.host(sandbox)}\r\n\r\n"

    with web.send(head.encode()) as connection:
        first = connection.recv(65536)

    assert first.split(b" ", 2)[1] == b"400", first


def test_the_page_for_a_bad_host_is_json_for_programs(web) -> None:
    answer = web.ask(f"x.vibe.localhost:{web.port}", headers={"Accept": "application/json"})

    assert json.loads(answer.read())["error"]["code"] == "not_found"
