"""The network section of a sandbox's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from sandboxes.engine import levels
from sandboxes.models import Sandbox, SandboxEvent, SandboxSession
from sandboxes.news import event_log
from sandboxes.services import network
from tests.fixtures.rows import finish, make_command, make_sandbox
from vibe.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice", password="a long password of alice")


@pytest.fixture
def page(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def sandbox(alice: User) -> Sandbox:
    # Of one that runs, each change would wait for a worker.
    return make_sandbox(alice, status="stopped")


def test_it_shows_the_policy_and_the_decisions(page: Client, sandbox: Sandbox) -> None:
    network.set_policy(sandbox, {"mode": "registries", "allow": ["git.example.com"]})
    event_log.record(
        sandbox, SandboxEvent.Kind.NETWORK, "Refused evil.example:443: not in the policy.",
        host="evil.example", port=443, allowed=False,
    )  # fmt: skip
    html = page.get(f"/sandboxes/{sandbox.pk}/").content.decode()
    assert 'value="registries" checked' in html
    assert "git.example.com" in html
    assert "Refused evil.example:443" in html


def test_the_owner_changes_it_by_the_form(page: Client, sandbox: Sandbox) -> None:
    body = {"mode": "custom", "hosts": "one.example\r\n*.two.example, three.example:8443"}
    assert page.post(f"/sandboxes/{sandbox.pk}/network/", body).status_code == 302
    sandbox.refresh_from_db()
    assert list(network.policy_of(sandbox).allow) == [
        "one.example", "*.two.example", "three.example:8443",
    ]  # fmt: skip


def test_the_form_keeps_rules_of_hosts_that_stay(page: Client, sandbox: Sandbox) -> None:
    rule = {"transform": [{"headers": {"x-key": "hush"}}]}
    network.set_policy(sandbox, {"allow": {"a.example": [rule], "b.example": [rule]},
                                 "subnets": {"deny": ["192.0.2.0/24"]}})  # fmt: skip
    page.post(
        f"/sandboxes/{sandbox.pk}/network/", {"mode": "custom", "hosts": "A.example c.example"}
    )
    sandbox.refresh_from_db()
    policy = network.policy_of(sandbox)
    assert [len(rules) for rules in policy.allow.values()] == [1, 0]
    assert policy.subnets.deny == ("192.0.2.0/24",)
    assert b"hush" not in page.get(f"/sandboxes/{sandbox.pk}/").content


def test_a_host_that_is_none_is_told(page: Client, sandbox: Sandbox) -> None:
    body = {"mode": "custom", "hosts": "http://x"}
    answer = page.post(f"/sandboxes/{sandbox.pk}/network/", body, follow=True)
    assert "not a network policy" in answer.content.decode()


def test_a_stranger_gets_a_404(page: Client, alice: User) -> None:
    bob = User.objects.create_user("bob", password="a long password of bob")
    theirs = make_sandbox(bob)
    assert page.post(f"/sandboxes/{theirs.pk}/network/", {"mode": "internet"}).status_code == 404


def test_the_page_of_a_command_allows_a_host_without_scripts(
    page: Client, sandbox: Sandbox
) -> None:
    refused = {"host": "code.example", "port": 443, "reason": "not in the policy", "at": 0}
    command = finish(make_command(sandbox, refused=[refused]), exit_code=128)
    address = f"/commands/{command.pk}/"
    html = page.get(address).content.decode()
    assert "The network policy of this sandbox refused code.example" in html
    assert "Allow code.example here" in html and "csrfmiddlewaretoken" in html
    body = {"host": "code.example", "port": "443"}
    answer = page.post(
        f"/sandboxes/{sandbox.pk}/network/hosts/", body, headers={"Referer": address}
    )
    assert answer.status_code == 302
    html = page.get(address).content.decode()
    assert "allows it now" in html and "Re-run" in html


def test_under_a_ceiling_there_is_no_button_but_a_reason(
    page: Client, sandbox: Sandbox, settings: Any
) -> None:
    settings.NETWORK_CEILING = "registries"
    refused = {"host": "code.example", "port": 443, "reason": "not in the policy", "at": 0}
    command = finish(make_command(sandbox, refused=[refused]))
    html = page.get(f"/commands/{command.pk}/refused/").content.decode()
    assert "operator" in html and "data-allow-host" not in html


def test_of_a_strangers_sandbox_no_host_is_allowed(page: Client) -> None:
    theirs = make_sandbox(User.objects.create_user("bob", password="a long password of bob"))
    command = make_command(theirs)
    assert (
        page.post(f"/sandboxes/{theirs.pk}/network/hosts/", {"host": "x.test"}).status_code == 404
    )
    assert page.get(f"/commands/{command.pk}/refused/").status_code == 404


def test_it_says_where_programs_need_the_proxys_variables(
    page: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "closes_network", lambda _: True)
    monkeypatch.setattr(levels, "problem_of_link", lambda: "It takes: modprobe veth.")
    SandboxSession.objects.filter(pk=sandbox.session_id).update(isolation="full")
    html = page.get(f"/sandboxes/{sandbox.pk}/").content.decode()
    assert "Only programs that use the proxy" in html
    assert "It takes: modprobe veth." in html


def test_it_says_nothing_of_that_where_none_are_needed(
    page: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "problem_of_link", lambda: "")
    SandboxSession.objects.filter(pk=sandbox.session_id).update(isolation="full")
    html = page.get(f"/sandboxes/{sandbox.pk}/").content.decode()
    assert "Only programs that use the proxy" not in html
