"""Who gets into a preview, by which road, and what is left of the road afterwards."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.conf import settings
from websockets.exceptions import InvalidStatus

from sandboxes.models import Sandbox
from sandboxes.services import preview_access
from tests.sandboxes.preview.dialling import dial
from tests.sandboxes.preview.entering import OPENED, PIECE, Visitor, signed_in
from vibe.accounts.models import User
from vibe.accounts.services import api_keys

pytestmark = pytest.mark.sandbox
ENTRY = "__Host-vibe_preview_entry"


@pytest.fixture
def private(row_of, served) -> Sandbox:
    return row_of(served, access="private")


@pytest.fixture
def address(web, private: Sandbox) -> str:
    return f"http://{web.host(private)}"


@pytest.fixture
def app(web) -> str:
    return f"{settings.PUBLIC_HOST}:{web.port}"


@pytest.fixture
def owner(web, private: Sandbox, app: str) -> Visitor:
    """The owner's browser, signed in to the platform and new to the preview."""
    visitor = Visitor(web)
    visitor.sign_in(app, signed_in(private.owner))
    return visitor


@pytest.fixture
def stranger(web) -> Visitor:
    return Visitor(web)


def sharing(sandbox: Sandbox, access: str, **options: int) -> str:
    """Share port 3000 and return the address to give away."""
    rule = preview_access.change(sandbox, 3000, access, by=sandbox.owner, **options)
    return preview_access.link(sandbox, 3000, rule)


def test_the_owner_is_led_in_and_ends_at_the_clean_address(owner: Visitor, address: str) -> None:
    page = owner.open(f"{address}/page?a=1%2F2&b")

    assert page.status == 200
    assert b"Previewed" in page.read()
    assert owner.asked[-1] == f"{address}/page?a=1%2F2&b"
    assert [urlsplit(url).path for url in owner.asked] == [
        "/page", "/previews/enter/", "/.well-known/vibe-enter", "/page",
    ]  # fmt: skip


def test_the_entry_is_a_cookie_of_the_host_alone_out_of_scripts_reach(
    owner: Visitor, address: str
) -> None:
    asked = owner.ask(address + "/", OPENED)
    ticket = owner.ask(asked.headers["Location"], OPENED)
    line = owner.ask(ticket.headers["Location"], OPENED).headers["Set-Cookie"]

    assert line.startswith(f"{ENTRY}=")
    said = {part.strip() for part in line.split(";")[1:]}
    assert said == {"Path=/", "HttpOnly", "Secure", "SameSite=Lax"}


def test_the_app_sees_neither_cookies_nor_keys_of_ours(owner: Visitor, address: str, web) -> None:
    owner.open(address + "/x")
    owner.cookies[urlsplit(address).netloc]["its_own"] = "1"
    key = api_keys.create(User.objects.get(username="vera"))[1]

    answer = owner.ask(address + "/x", {**OPENED, "Authorization": f"Bearer {key}"})

    told = {name.lower(): value for name, value in json.loads(answer.read())["headers"]}
    assert told["cookie"] == "its_own=1"
    assert "authorization" not in told


def test_what_is_private_is_kept_by_no_cache_on_the_way(owner: Visitor, address: str) -> None:
    answer = owner.open(address + "/x")

    assert "private" in (answer.headers.get_all("Cache-Control") or [])


def test_who_is_not_signed_in_is_led_to_signing_in_and_back(
    stranger: Visitor, address: str, private: Sandbox, app: str
) -> None:
    page = stranger.open(address + "/page")
    assert urlsplit(stranger.asked[-1]).path == "/sign-in/"
    back = parse_qs(urlsplit(stranger.asked[-1]).query)["next"][0]

    stranger.sign_in(app, signed_in(private.owner))

    assert page.status == 200
    assert b"Previewed" in stranger.open(f"http://{app}{back}").read()


def test_another_user_is_told_whom_to_ask(web, address: str, app: str) -> None:
    other = Visitor(web)
    other.sign_in(app, signed_in(User.objects.create_user("max")))

    page = other.open(address + "/page")

    assert page.status == 403
    assert b"It belongs to <strong>vera</strong>" in page.read()


def test_a_piece_of_a_page_is_refused_with_a_reason(stranger: Visitor, address: str) -> None:
    answer = stranger.ask(address + "/app.js", {**PIECE, "Accept": "application/json"})

    assert answer.status == 401
    assert json.loads(answer.read())["error"]["message"] == "This preview is private."


def test_a_form_cannot_be_led_through_and_is_refused(stranger: Visitor, address: str) -> None:
    assert stranger.ask(address + "/x", OPENED, method="POST").status == 401


async def test_a_socket_without_an_entry_is_refused(web, private: Sandbox) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(web, web.host(private))

    assert refused.value.response.status_code == 401


def test_a_ticket_is_good_once(owner: Visitor, address: str) -> None:
    asked = owner.ask(address + "/", OPENED)
    ticket = owner.ask(asked.headers["Location"], OPENED).headers["Location"]
    assert owner.ask(ticket, OPENED).status == 303

    assert owner.ask(ticket, OPENED).status == 403


def test_a_ticket_is_good_in_no_other_browser(
    owner: Visitor, stranger: Visitor, address: str
) -> None:
    asked = owner.ask(address + "/", OPENED)
    ticket = owner.ask(asked.headers["Location"], OPENED).headers["Location"]
    stranger.ask(address + "/", OPENED)  # has a secret of its own now

    answer = stranger.ask(ticket, OPENED)

    assert answer.status == 403
    assert ENTRY not in stranger.cookies[urlsplit(address).netloc]


@pytest.mark.parametrize("other", ["port", "sandbox"])
def test_a_ticket_is_good_for_no_other_preview(
    owner: Visitor, web, row_of, served, private: Sandbox, address: str, other: str
) -> None:
    elsewhere = web.host(row_of(served, access="private") if other == "sandbox" else private, 3001)
    asked = owner.ask(address + "/", OPENED)
    ticket = owner.ask(asked.headers["Location"], OPENED).headers["Location"]
    owner.cookies[elsewhere] = dict(owner.cookies[urlsplit(address).netloc])

    answer = owner.ask(ticket.replace(urlsplit(address).netloc, elsewhere), OPENED)

    assert answer.status == 403


@pytest.mark.parametrize("other", ["port", "sandbox"])
def test_an_entry_opens_no_other_preview(
    owner: Visitor, web, row_of, served, private: Sandbox, address: str, other: str
) -> None:
    owner.open(address + "/x")
    elsewhere = web.host(row_of(served, access="private") if other == "sandbox" else private, 3001)
    owner.cookies[elsewhere] = dict(owner.cookies[urlsplit(address).netloc])

    assert owner.ask(f"http://{elsewhere}/", PIECE).status == 401


@pytest.mark.parametrize(
    "to", ["//evil.example/", "/\\evil.example/", "https://evil.example/", "/\t/evil.example", ""]
)
def test_the_exchange_leads_nowhere_else(owner: Visitor, address: str, app: str, to: str) -> None:
    asked = owner.ask(address + "/", OPENED).headers["Location"]
    led = owner.ask(asked.replace("to=%2F", "to=" + to.replace("/", "%2F")), OPENED)
    assert urlsplit(led.headers["Location"]).netloc == urlsplit(address).netloc

    place = owner.ask(led.headers["Location"], OPENED).headers["Location"]

    assert place.startswith(f"{address}/")


def test_a_frame_is_led_through_for_a_page_of_the_platform_alone(
    owner: Visitor, address: str, app: str
) -> None:
    framed = {**OPENED, "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-site"}

    foreign = owner.open(
        address + "/page", headers={**framed, "Referer": "http://x.vibe.localhost/"}
    )
    ours = owner.open(address + "/page", headers={**framed, "Referer": f"http://{app}/"})

    assert (foreign.status, ours.status) == (403, 200)


def test_two_cookies_by_the_name_of_the_entry_are_none(owner: Visitor, address: str) -> None:
    owner.open(address + "/x")
    word = owner.cookies[urlsplit(address).netloc][ENTRY]

    tossed = {**PIECE, "Cookie": f"{ENTRY}={word}; {ENTRY}=another"}
    answer = owner.web.ask(urlsplit(address).netloc, "/x", headers=tossed)

    assert answer.status == 401


def test_a_program_enters_with_a_key_of_the_owner(web, private: Sandbox, address: str) -> None:
    key = api_keys.create(private.owner)[1]

    told = web.said(web.host(private), "/x", headers={"X-Vibe-Key": key})

    assert "x-vibe-key" not in {name.lower() for name, _ in told["headers"]}


def test_a_key_of_somebody_else_or_none_at_all_does_not_open(web, private: Sandbox) -> None:
    theirs = api_keys.create(User.objects.create_user("max"))[1]
    limited = api_keys.create(private.owner, scopes=["chat"])[1]

    def status(key: str) -> int:
        return web.ask(web.host(private), "/x", headers={"X-Vibe-Key": key}).status

    assert [status(key) for key in (theirs, limited, "vibe_nonsense")] == [403, 401, 401]


def test_an_authorization_that_is_the_apps_passes_as_it_came(owner: Visitor, address: str) -> None:
    owner.open(address + "/x")

    answer = owner.ask(address + "/x", {**OPENED, "Authorization": "Bearer its.own.token"})

    told = {name.lower(): value for name, value in json.loads(answer.read())["headers"]}
    assert told["authorization"] == "Bearer its.own.token"


def test_a_link_lets_in_after_a_word_and_leaves_no_secret_behind(
    stranger: Visitor, private: Sandbox, web, address: str
) -> None:
    link = sharing(private, "link").replace(":8000", f":{web.port}")

    told = stranger.open(link)
    assert b"This is an app of vera" in told.read()
    assert stranger.asked[-1] == f"{address}/"
    on = f"{address}/.well-known/vibe-go-on?to=%2Fpage"
    page = {**OPENED, "Sec-Fetch-Site": "same-origin", "Origin": address}
    assert stranger.ask(on, page, method="POST").status == 303

    assert b"Previewed" in stranger.open(address + "/page").read()


def test_the_word_of_the_first_visit_cannot_be_said_by_another_page(
    stranger: Visitor, private: Sandbox, address: str
) -> None:
    sharing(private, "public")
    on = f"{address}/.well-known/vibe-go-on?to=%2F"

    for origin, site in (("http://evil.example", "cross-site"), (address, "cross-site")):
        page = {**OPENED, "Sec-Fetch-Site": site, "Origin": origin}
        assert stranger.ask(on, page, method="POST").status == 403
    assert b"This is an app of vera" in stranger.open(address + "/").read()


def test_a_link_that_was_taken_back_is_dead_for_good(
    stranger: Visitor, private: Sandbox, web
) -> None:
    link = sharing(private, "link").replace(":8000", f":{web.port}")
    sharing(private, "private")
    sharing(private, "link")

    assert stranger.open(link).status == 403


def test_the_team_is_everybody_who_is_signed_in(web, private: Sandbox, address: str, app) -> None:
    sharing(private, "team")
    member, stranger = Visitor(web), Visitor(web)
    member.sign_in(app, signed_in(User.objects.create_user("max")))

    assert b"Previewed" in member.open(address + "/page").read()
    stranger.open(address + "/page")
    assert urlsplit(stranger.asked[-1]).path == "/sign-in/"


def test_what_is_public_needs_no_entry(web, private: Sandbox) -> None:
    sharing(private, "public")

    assert web.ask(web.host(private), "/page").status == 200


def test_the_platforms_own_browser_enters_by_an_address_that_ends(
    stranger: Visitor, private: Sandbox, web, address: str
) -> None:
    entry = preview_access.ticket_for(private, 3000, private.owner, 60)

    page = stranger.open(entry.replace(":8000", f":{web.port}"))

    assert page.status == 200
    assert stranger.asked[-1] == f"{address}/"


def test_an_app_cannot_set_a_cookie_of_ours(owner: Visitor, address: str) -> None:
    owner.open(address + "/x")
    before = dict(owner.cookies[urlsplit(address).netloc])

    line = quote(json.dumps([f"Set-Cookie: {ENTRY}=mine; Path=/; Secure"]))
    assert owner.ask(f"{address}/headers?give={line}", OPENED).status == 200

    assert owner.cookies[urlsplit(address).netloc] == before
