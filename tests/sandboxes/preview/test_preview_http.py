from __future__ import annotations

import hashlib
import http.client
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from sandboxes.models import Sandbox

pytestmark = pytest.mark.sandbox


def test_a_page_of_the_sandbox_is_shown(web, sandbox: Sandbox) -> None:
    answer = web.ask(web.host(sandbox), "/page")

    assert answer.status == 200
    assert b"Previewed" in answer.read()


def test_path_and_query_arrive_exactly_as_sent(web, sandbox: Sandbox) -> None:
    target = "/a%2Fb/..;x//%C3%A9?q=%20+&q=2&&"

    assert web.said(web.host(sandbox), target)["target"] == target


def test_host_is_kept_and_forwarding_headers_are_the_platforms_own(web, sandbox: Sandbox) -> None:
    host = web.host(sandbox)
    forged = {"X-Forwarded-Host": "evil", "X-Forwarded-For": "1.2.3.4", "Forwarded": "for=evil"}

    headers = dict(web.said(host, headers=forged)["headers"])

    assert headers["host"] == host
    assert headers["x-forwarded-host"] == host
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert "forwarded" not in headers


def test_cookies_of_the_platform_never_reach_the_sandbox(web, sandbox: Sandbox) -> None:
    cookie = "a=1; __Host-vibe_session=secret; b=2; __Host-vibe_csrf=secret"

    headers = dict(web.said(web.host(sandbox), headers={"Cookie": cookie})["headers"])

    assert headers["cookie"] == "a=1; b=2"


@pytest.mark.parametrize("name", ["messages", "sessionid", "csrftoken", "vibe_session"])
def test_a_cookie_that_may_be_the_apps_reaches_it(web, sandbox: Sandbox, name: str) -> None:
    headers = dict(web.said(web.host(sandbox), headers={"Cookie": f"{name}=x"})["headers"])

    assert headers["cookie"] == f"{name}=x"


def test_headers_for_this_hop_alone_are_not_passed_on(web, sandbox: Sandbox) -> None:
    sent = {"Connection": "x-mine", "X-Mine": "1", "Proxy-Authorization": "Basic x", "TE": "gzip"}

    names = {name for name, _ in web.said(web.host(sandbox), headers=sent)["headers"]}

    assert not names & {"x-mine", "proxy-authorization", "te"}


def test_a_body_with_a_length_arrives_whole(web, sandbox: Sandbox) -> None:
    body = bytes(range(256)) * 8192

    said = web.said(web.host(sandbox), method="POST", body=body)

    assert said["length"] == len(body)
    assert said["sha256"] == hashlib.sha256(body).hexdigest()


def test_a_chunked_body_arrives_whole(web, sandbox: Sandbox) -> None:
    pieces = [b"x" * 70_000, b"y" * 10, b"z" * 200_000]

    said = web.said(web.host(sandbox), method="PUT", body=iter(pieces), encode_chunked=True,
                    headers={"Transfer-Encoding": "chunked"})  # fmt: skip

    assert said["sha256"] == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_a_request_with_no_body_gets_none(web, sandbox: Sandbox) -> None:
    names = {name for name, _ in web.said(web.host(sandbox), method="DELETE")["headers"]}

    assert not names & {"content-length", "transfer-encoding"}


def test_redirects_are_for_the_browser_to_follow(web, sandbox: Sandbox) -> None:
    answer = web.ask(web.host(sandbox), "/redirect")

    assert (answer.status, answer.headers["Location"]) == (302, "http://elsewhere/")


def given(web, sandbox: Sandbox, *headers: str) -> http.client.HTTPMessage:
    answer = web.ask(web.host(sandbox), "/headers?give=" + quote(json.dumps(headers)))
    assert answer.read() == b"ok"
    return answer.headers


def test_a_cookie_of_the_sandbox_is_for_its_own_host_only(web, sandbox: Sandbox) -> None:
    headers = given(
        web, sandbox, "Set-Cookie: a=1; Domain=localhost; Path=/", "Set-Cookie: b=2; dOmAiN = x"
    )

    assert headers.get_all("Set-Cookie") == ["a=1; Path=/", "b=2"]


def test_headers_that_reach_too_far_are_dropped(web, sandbox: Sandbox) -> None:
    headers = given(
        web,
        sandbox,
        "Strict-Transport-Security: max-age=1",
        'Clear-Site-Data: "*"',
        "X-Frame-Options: DENY",
        "Alt-Svc: h3=x",
        "Connection: x-hop",
        "X-Hop: 1",
        "X-Kept: 1",
    )

    assert headers["X-Kept"] == "1"
    for name in ("Strict-Transport-Security", "Clear-Site-Data", "X-Frame-Options", "Alt-Svc"):
        assert name not in headers
    assert "X-Hop" not in headers


def test_the_policy_of_the_sandbox_is_kept_but_for_its_frames(web, sandbox: Sandbox) -> None:
    headers = given(
        web, sandbox, "Content-Security-Policy: default-src 'self'; Frame-Ancestors 'none'"
    )

    assert headers["Content-Security-Policy"] == "default-src 'self'"


def test_every_answer_is_marked_as_a_preview(web, sandbox: Sandbox) -> None:
    headers = given(web, sandbox, "Referrer-Policy: unsafe-url")

    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Origin-Agent-Cluster"] == "?1"


def test_events_arrive_one_by_one(web, sandbox: Sandbox) -> None:
    answer = web.ask(web.host(sandbox), "/events")

    first = answer.read(9)
    web.ask(web.host(sandbox), "/go").read()  # only now does the server send the second

    assert first == b"data: 1\n\n"
    assert answer.read() == b"data: 2\n\n"


def test_an_event_stream_is_open_before_its_first_event(web, sandbox: Sandbox) -> None:
    answer = web.ask(web.host(sandbox), "/silent-start")

    assert answer.status == 200
    web.ask(web.host(sandbox), "/go").read()
    assert answer.read() == b""


def test_a_large_download_arrives_whole(web, sandbox: Sandbox) -> None:
    size = 40_000_000

    answer = web.ask(web.host(sandbox), f"/big?size={size}")

    assert sum(len(piece) for piece in pieces(answer)) == size


def pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    while piece := answer.read(1 << 20):
        yield piece


def test_a_kept_alive_connection_that_the_server_has_closed_is_replaced(
    web, sandbox: Sandbox
) -> None:
    for _ in range(5):
        assert web.ask(web.host(sandbox), "/last").read() == b"last"


def test_an_answer_without_a_body_to_head(web, sandbox: Sandbox) -> None:
    answer = web.ask(web.host(sandbox), "/gone", method="HEAD")

    assert answer.status == 200
    assert answer.read() == b""


@pytest.mark.parametrize("size", [70_000, 500_000])
def test_headers_that_are_too_large_get_an_answer_in_words(
    web, sandbox: Sandbox, size: int
) -> None:
    answer = web.ask(web.host(sandbox), headers={"Cookie": "a=" + "x" * size})

    assert answer.status == 431
    assert b"headers" in answer.read()


def test_headers_that_are_too_many_get_an_answer_in_words(web, sandbox: Sandbox) -> None:
    fields = "".join(f"X-{number}: 1\r\n" for number in range(600))
    head = f"GET / HTTP/1.1\r\nHost: {web.host(sandbox)}\r\n{fields}\r\n"

    with web.send(head.encode()) as connection:
        assert connection.recv(65536).split(b" ", 2)[1] == b"431"


def test_an_address_that_is_too_long_gets_an_answer_in_words(web, sandbox: Sandbox) -> None:
    answer = web.ask(web.host(sandbox), "/?" + "x" * 70_000)

    assert answer.status == 414
    assert b"address" in answer.read()


def test_large_headers_of_the_server_reach_the_browser(web, sandbox: Sandbox) -> None:
    answer = web.ask(web.host(sandbox), "/many-headers?size=60000")

    assert answer.read() == b"ok"
    assert len(answer.headers["X-Large"]) == 60_000


def test_headers_of_the_server_without_end_are_named(web, sandbox: Sandbox) -> None:
    answer = web.ask(web.host(sandbox), "/many-headers?size=300000")

    assert answer.status == 502
    assert b"headers are too large" in answer.read()
