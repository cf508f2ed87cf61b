"""Who may enter previews, as programs and the page of a port change it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sandboxes.models import PortAccess, Sandbox, SandboxEvent
from sandboxes.services import creating, preview_access, preview_rules
from tests.fixtures.people import client_of
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User
from vibe.refusal import Refusal


@pytest.fixture
def box(alice: User) -> Sandbox:
    return make_sandbox(alice, status="stopped")


@pytest.fixture
def program(alice: User) -> Client:
    return client_of(alice)


def patch(program: Client, box: Sandbox, port: int = 3000, **wanted: object):
    path = f"/api/v1/sandboxes/{box.pk}/ports/{port}"
    return program.patch(path, wanted, content_type="application/json")


def test_a_new_sandbox_is_private_and_one_of_the_vercel_api_is_not(alice: User, settings) -> None:
    settings.PREVIEW_ACCESS = "private"
    own = creating.create_sandbox(alice, start=False)
    theirs = creating.create_sandbox(alice, start=False, preview_access="link")

    assert [preview_rules.rule_of(one, 3000).is_open for one in (own, theirs)] == [False, True]


def test_a_port_is_shared_by_a_link_that_ends(program: Client, box: Sandbox) -> None:
    answer = patch(program, box, access="link", expires_in=3600)

    told = answer.json()
    assert answer.status_code == 200
    assert told["access"] == "link"
    assert told["link"].startswith(told["url"] + ".well-known/vibe-link/")
    assert told["expires_at"] is not None
    listed = program.get(f"/api/v1/sandboxes/{box.pk}/ports").json()["items"]
    assert listed == [told]


def test_a_link_stays_until_the_preview_is_private(program: Client, box: Sandbox) -> None:
    first = patch(program, box, access="link").json()["link"]
    again = patch(program, box, access="link", expires_in=60).json()["link"]
    assert patch(program, box, access="private").json()["link"] == ""

    assert again == first
    assert patch(program, box, access="link").json()["link"] != first


def test_each_port_has_an_access_of_its_own(program: Client, box: Sandbox) -> None:
    patch(program, box, 3000, access="public")

    assert preview_rules.rule_of(box, 3001).now == "private"


def test_when_its_time_is_over_it_is_private_again(program: Client, box: Sandbox) -> None:
    patch(program, box, access="public", expires_in=60)
    PortAccess.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert not preview_rules.rule_of(box, 3000).is_open
    assert program.get(f"/api/v1/sandboxes/{box.pk}/ports").json()["items"][0]["link"] == ""


def test_every_change_is_an_event_with_who_made_it(program: Client, box: Sandbox) -> None:
    patch(program, box, access="team")

    event = SandboxEvent.objects.get(sandbox=box, kind="access")
    assert event.text == "alice changed the preview of port 3000 from private to team."
    assert event.data["by"] == "alice"


@pytest.mark.parametrize(
    ("port", "wanted", "status"),
    [
        (3000, {"access": "everybody"}, 422),
        (3000, {"access": "private", "expires_in": 60}, 400),
        (3000, {"access": "link", "expires_in": 0}, 422),
        (80, {"access": "public"}, 400),
        (3128, {"access": "public"}, 400),
    ],
)
def test_what_cannot_be_is_refused(
    program: Client, box: Sandbox, port: int, wanted: dict[str, object], status: int
) -> None:
    assert patch(program, box, port, **wanted).status_code == status
    assert not PortAccess.objects.exists()


def test_somebody_else_cannot_change_it(bob: User, box: Sandbox) -> None:
    assert patch(client_of(bob), box, access="public").status_code == 404


def test_the_page_of_a_port_changes_it_without_scripts(alice: User, box: Sandbox) -> None:
    browser = Client()
    browser.force_login(alice)
    path = f"/sandboxes/{box.pk}/ports/3000/"

    assert 'value="private" checked' in browser.get(path).text
    browser.post(path, {"access": "link", "expires_in": "86400"})

    assert "/.well-known/vibe-link/" in browser.get(path).text


def test_a_page_elsewhere_cannot_have_it_changed(alice: User, box: Sandbox) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    assert browser.post(f"/sandboxes/{box.pk}/ports/3000/", {"access": "public"}).status_code == 403
    assert not PortAccess.objects.exists()


def test_an_entry_for_a_browser_of_the_platform_is_for_who_may_enter(
    alice: User, bob: User, box: Sandbox
) -> None:
    with pytest.raises(Refusal):
        preview_access.ticket_for(box, 3000, bob, 60)
