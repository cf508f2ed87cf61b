"""Under a domain of one's own a server is addressed as `localhost`, which it takes unasked."""

from __future__ import annotations

import pytest

from sandboxes.preview.headers import for_browser, for_sandbox
from sandboxes.preview.host import Site, Target
from sandboxes.preview.inside import Inside
from sandboxes.preview.redirects import to_browser

pytestmark = pytest.mark.unit

ID, OTHER_ID = "a" * 20, "b" * 20
OUTER = f"3000-{ID}.preview.test:8000"
SITE = Site(Target(3000, ID), "http", OUTER)


@pytest.fixture(autouse=True)
def _domain(settings) -> None:
    settings.PREVIEW_DOMAIN = "preview.test"


PLAIN = Inside(SITE)


def told(inside: Inside = PLAIN, method: bytes = b"GET", **given: str) -> dict[str, str]:
    headers = [(b"host", inside.site.host.encode())]
    headers += [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
    passed = for_sandbox(headers, client="::1", inside=inside, method=method)
    return {name.decode(): value.decode() for name, value in passed}


def test_the_server_is_asked_as_localhost_and_learns_the_outer_name() -> None:
    headers = told()

    assert headers["host"] == "localhost:3000"
    assert headers["x-forwarded-host"] == OUTER
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-for"] == "::1"


def test_a_name_below_localhost_is_kept_for_pages_hold_addresses_made_from_it(settings) -> None:
    settings.PREVIEW_DOMAIN = "localhost"
    outer = f"3000-{ID}.localhost:8000"
    inside = Inside(Site(Target(3000, ID), "http", outer))

    headers = told(inside, origin=f"http://{outer}")

    assert headers["host"] == headers["x-forwarded-host"] == outer
    assert headers["origin"] == f"http://{outer}"


def test_the_previews_own_origin_and_referrer_are_the_servers_own() -> None:
    headers = told(origin=f"http://{OUTER}", referer=f"http://{OUTER}/a%2F?b=c")

    assert headers["origin"] == "http://localhost:3000"
    assert headers["referer"] == "http://localhost:3000/a%2F?b=c"


def test_another_port_of_the_sandbox_is_that_port_of_localhost() -> None:
    origin = f"http://5173-{ID}.preview.test:8000"

    assert told(origin=origin)["origin"] == "http://localhost:5173"


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        f"http://3000-{OTHER_ID}.preview.test:8000",
        f"https://{OUTER}",  # another scheme is another origin
        f"http://3000-{ID}.preview.test",  # and so is another port
        f"http://3000-{ID}.preview.test:8000.evil.example",
        f"http://user@{OUTER}",
        f"http://{OUTER}@evil.example",
        f"http://80-{ID}.preview.test:8000",
        "http://preview.test:8000",
        f"http://[{OUTER}",
        f"evil://{OUTER}",
        "http://localhost:3000.evil.example",
    ],
)
def test_another_site_is_never_told_as_the_server_itself(origin: str) -> None:
    headers = told(origin=origin, referer=f"{origin}/", method=b"POST")

    assert headers["origin"] == origin
    assert headers["referer"] == f"{origin}/"
    assert headers["x-forwarded-host"] == OUTER


def test_what_changes_something_names_one_host_only() -> None:
    """Next.js holds Origin against X-Forwarded-Host, Django against Host: both must agree."""
    headers = told(origin=f"http://{OUTER}", method=b"POST")

    assert headers["origin"] == "http://localhost:3000"
    assert headers["host"] == "localhost:3000"
    assert "x-forwarded-host" not in headers


def test_a_server_that_speaks_tls_is_asked_as_https() -> None:
    headers = told(Inside(SITE, tls=True), origin=f"http://{OUTER}")

    assert headers["host"] == "localhost:3000"
    assert headers["origin"] == "https://localhost:3000"


def test_behind_tls_the_browsers_origin_is_https_and_the_servers_is_not() -> None:
    inside = Inside(Site(SITE.target, "https", f"3000-{ID}.preview.test"))

    headers = told(inside, origin=f"https://3000-{ID}.preview.test")

    assert headers["origin"] == "http://localhost:3000"


@pytest.mark.parametrize(
    ("name", "said", "given"),
    [
        (
            "link",
            "<http://localhost:3000/a.css>; rel=preload, </b>; rel=next",
            f"<http://{OUTER}/a.css>; rel=preload, </b>; rel=next",
        ),
        ("access-control-allow-origin", "http://localhost:3000", f"http://{OUTER}"),
        (
            "access-control-allow-origin",
            "http://127.0.0.1:5173",
            f"http://5173-{ID}.preview.test:8000",
        ),
        ("access-control-allow-origin", "*", "*"),
        ("access-control-allow-origin", "https://elsewhere.example", "https://elsewhere.example"),
        ("content-location", "http://localhost:3000/x", f"http://{OUTER}/x"),
        ("sourcemap", "http://localhost:3000/a.map", f"http://{OUTER}/a.map"),
        ("hx-redirect", "http://localhost:3000/a", f"http://{OUTER}/a"),
        (
            "content-security-policy",
            "default-src 'self' localhost:3000; connect-src ws://localhost:3000 ws://localhost:* "
            "https://cdn.example",
            f"default-src 'self' {OUTER}; connect-src ws://{OUTER} ws://{OUTER} "
            "https://cdn.example",
        ),
    ],
)
def test_addresses_in_headers_are_translated_back(name: str, said: str, given: str) -> None:
    assert to_browser(name.encode(), said.encode(), SITE) == given.encode()


def test_a_cookie_for_localhost_is_for_the_preview() -> None:
    headers = for_browser([(b"set-cookie", b"a=1; Domain=localhost; Path=/")], SITE)

    assert (b"set-cookie", b"a=1; Path=/") in headers


def test_the_outer_name_over_http_is_mended_where_the_browser_has_https() -> None:
    site = Site(SITE.target, "https", f"3000-{ID}.preview.test")
    said = f"http://3000-{ID}.preview.test/next"

    assert to_browser(b"location", said.encode(), site) == said.replace("http", "https").encode()
    assert to_browser(b"location", b"http://preview.test/", site) == b"http://preview.test/"


@pytest.mark.parametrize(
    "name", [b"x_forwarded_for", b"X-Forwarded_Host", b"x_real_ip", b"transfer_encoding", b"my_own"]
)
def test_nobody_forges_by_a_spelling_what_servers_take_for_the_same_header(name: bytes) -> None:
    given = [(b"host", OUTER.encode()), (name, b"forged"), (b"connection", b"my_own")]
    given.append((b"snake_case", b"kept"))

    passed = for_sandbox(given, client="::1", inside=PLAIN)

    assert b"forged" not in [value for _, value in passed]
    assert (b"snake_case", b"kept") in passed
