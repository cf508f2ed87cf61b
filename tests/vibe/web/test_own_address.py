from __future__ import annotations

import pytest

from tests.vibe.web.scopes import scope
from vibe.web.own_address import elsewhere

PAGE = {"accept": "text/html,*/*;q=0.8"}
TAB = {**PAGE, "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
OLD = "3000-abcdefghij0123456789.localhost"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST", "127.0.0.2"])
@pytest.mark.parametrize("port", ["", ":8000", ":9000"])
@pytest.mark.parametrize("headers", [PAGE, TAB])
def test_a_browser_is_led_on_with_port_path_and_query(
    name: str, port: str, headers: dict[str, str]
) -> None:
    asked = scope(path="/c/x%2Fy/", host=name + port, query="a=1&b=%20", **headers)

    assert elsewhere(asked) == f"http://app.vibe.localhost{port}/c/x%2Fy/?a=1&b=%20".encode()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"accept": "*/*"},
        {"accept": "application/json"},
        {**PAGE, "authorization": "Bearer vibe_x"},
        {**PAGE, "user_agent": "AppleWebKit/605.1.15 Version/18.0 Safari/605"},  # may not find it
        {**PAGE, "sec_fetch_mode": "cors", "sec_fetch_dest": "empty"},
        {**PAGE, "sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"},
    ],
)
def test_a_program_and_safari_are_answered_where_they_ask(headers: dict[str, str]) -> None:
    assert elsewhere(scope(host="127.0.0.1:8000", **headers)) is None


@pytest.mark.parametrize("path", ["/api/v1/me", "/vercel/v1/x", "/healthz", "/readyz", "/metrics"])
def test_what_programs_ask_for_stays_in_its_place_in_a_browser_too(path: str) -> None:
    assert elsewhere(scope(path=path, host="localhost:8000", **TAB)) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD"])
def test_only_the_opening_of_a_page_is_led_on(method: str) -> None:
    assert elsewhere(scope(method, host="localhost:8000", **TAB)) is None


@pytest.mark.parametrize(
    "host", ["app.vibe.localhost:8000", "vibe.example", "192.168.1.5", "", "["]
)
def test_other_names_stay_as_they_are(host: str) -> None:
    assert elsewhere(scope(host=host, **TAB)) is None


@pytest.mark.parametrize("host", ["localhost", "192.168.1.5", "vibe.example.com"])
def test_with_an_address_of_ones_own_nobody_is_led_away_from_localhost(settings, host: str) -> None:
    settings.PUBLIC_HOST = host

    assert elsewhere(scope(host="localhost:8000", **TAB)) is None


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example"])
def test_no_path_leads_out_of_the_platform(path: str) -> None:
    place = elsewhere(scope(path=path, host="localhost:8000", **TAB))

    assert place is not None and place.startswith(b"http://app.vibe.localhost:8000/")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_address_that_a_preview_had_leads_to_the_one_that_it_has(method: str) -> None:
    asked = scope(method, path="/a", host=f"{OLD}:8000", query="b")

    assert elsewhere(asked) == b"http://3000-abcdefghij0123456789.vibe.localhost:8000/a?b"


def test_it_leads_nowhere_where_previews_have_a_domain(settings) -> None:
    settings.PREVIEW_DOMAIN = "preview.example"

    assert elsewhere(scope("POST", host=f"{OLD}:8000")) is None
