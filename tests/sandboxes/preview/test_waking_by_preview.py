"""Who opens the preview of a stopped sandbox, and what starts it again."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils import timezone

from sandboxes.models import Sandbox, SandboxSession
from sandboxes.services import preview_access
from tests.sandboxes.preview.entering import OPENED, Visitor, signed_in
from vibe.accounts.models import User

pytestmark = pytest.mark.sandbox
PRESSED = {**OPENED, "Sec-Fetch-User": "?1"}


@pytest.fixture
def stopped(row_of, served) -> Sandbox:
    sandbox = row_of(served, access="private")
    stop(sandbox)
    return sandbox


def stop(sandbox: Sandbox) -> None:
    SandboxSession.objects.filter(pk=sandbox.session_id).update(
        status=SandboxSession.Status.STOPPED, stop_reason="idle", stopped_at=timezone.now()
    )
    Sandbox.objects.filter(pk=sandbox.pk).update(status=Sandbox.Status.STOPPED)


def status(sandbox: Sandbox) -> str:
    return Sandbox.objects.values_list("status", flat=True).get(pk=sandbox.pk)


def visitor(web, user: User) -> Visitor:
    one = Visitor(web)
    one.sign_in(f"{settings.PUBLIC_HOST}:{web.port}", signed_in(user))
    return one


@pytest.fixture
def owner(web, stopped: Sandbox) -> Visitor:
    return visitor(web, stopped.owner)


@pytest.fixture
def address(web, stopped: Sandbox) -> str:
    return f"http://{web.host(stopped)}"


def test_its_owner_starts_it_by_opening_it(owner, address: str, stopped: Sandbox) -> None:
    page = owner.open(f"{address}/page", headers=PRESSED)

    html = page.read().decode()
    assert page.status == 503
    assert "is starting again" in html
    assert "It was stopped: nobody used it for a while" in html
    assert '<meta http-equiv="refresh" content="1">' in html
    assert status(stopped) == "pending"


def test_it_starts_also_when_it_was_seen_running_a_moment_ago(web, row_of, served) -> None:
    sandbox = row_of(served, access="private")
    one, address = visitor(web, sandbox.owner), f"http://{web.host(sandbox)}/page"
    assert one.open(address, headers=PRESSED).status == 200
    stop(sandbox)
    assert "is starting again" in one.open(address, headers=PRESSED).read().decode()


# Browsers say of a refresh soon after a press what they say of the press.
@pytest.mark.parametrize("said", [OPENED, {**PRESSED, "Sec-Fetch-Site": "same-origin"}])
def test_a_page_that_asks_again_by_itself_brings_a_button_that_starts_it(
    owner, address: str, stopped: Sandbox, said
) -> None:
    page = owner.open(f"{address}/page?a=1", headers=said)
    html = page.read().decode()
    assert page.status == 410
    assert 'action="/.well-known/vibe-wake?to=%2Fpage%3Fa%3D1"' in html
    assert status(stopped) == "stopped"

    pressed = owner.ask(
        f"{address}/.well-known/vibe-wake?to=%2Fpage%3Fa%3D1",
        {**PRESSED, "Origin": address, "Sec-Fetch-Site": "same-origin"},
        method="POST",
    )

    assert (pressed.status, pressed.headers["Location"]) == (303, f"{address}/page?a=1")
    assert status(stopped) == "pending"


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_page_cannot_press_it(owner, address: str, stopped: Sandbox, said) -> None:
    owner.open(f"{address}/page", headers=OPENED).read()

    answer = owner.ask(f"{address}/.well-known/vibe-wake?to=/", {**PRESSED, **said}, method="POST")

    assert answer.status == 403
    assert status(stopped) == "stopped"


def test_a_frame_and_a_piece_of_a_page_start_nothing(owner, address: str, stopped: Sandbox) -> None:
    owner.open(f"{address}/page", headers=OPENED).read()

    framed = {**PRESSED, "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}
    assert owner.ask(f"{address}/page", framed).status == 410
    piece = {**PRESSED, "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}
    assert owner.ask(f"{address}/page", {**piece, "Sec-Fetch-Site": "same-origin"}).status == 410
    assert status(stopped) == "stopped"


def test_others_read_who_can_start_it_and_start_nothing(
    web, address: str, stopped: Sandbox
) -> None:
    preview_access.change(stopped, 3000, "team", by=stopped.owner)
    other = visitor(web, User.objects.create_user("willi"))

    page = other.open(f"{address}/page", headers=PRESSED)
    html = page.read().decode()
    assert page.status == 410
    assert "vera can start it again" in html
    assert "<form" not in html

    press = {**PRESSED, "Origin": address, "Sec-Fetch-Site": "same-origin"}
    answer = other.ask(f"{address}/.well-known/vibe-wake?to=/", press, method="POST")
    assert answer.status == 403
    assert status(stopped) == "stopped"


def test_what_cannot_be_started_says_why_and_offers_another_try(
    owner, address: str, stopped: Sandbox, row_of, served
) -> None:
    for _ in range(settings.SANDBOXES_PER_USER):
        row_of(served)

    page = owner.open(f"{address}/page", headers=PRESSED)

    html = page.read().decode()
    assert page.status == 503
    assert "cannot start now" in html
    assert ">Try again</button>" in html
    assert status(stopped) == "stopped"


def test_the_button_leads_on_when_it_runs_already(
    web, owner, address: str, stopped: Sandbox
) -> None:
    owner.open(f"{address}/page", headers=OPENED).read()
    Sandbox.objects.filter(pk=stopped.pk).update(status="running")
    SandboxSession.objects.filter(pk=stopped.session_id).update(status="running")

    press = {**PRESSED, "Origin": address, "Sec-Fetch-Site": "same-origin"}
    answer = owner.ask(f"{address}/.well-known/vibe-wake?to=//evil", press, method="POST")

    assert answer.status == 303
    assert urlsplit(answer.headers["Location"]).netloc == web.host(stopped)
