"""What the network policy refuses a program: which command is told of it, and the way out."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from sandboxes.engine.egress.decision import NOT_IN_POLICY
from sandboxes.engine.egress.journal import (
    MOST_REPEATED,
    REPEATED_SECONDS,
    SOON_SECONDS,
    Journal,
)
from sandboxes.host import scaffolds
from sandboxes.models import Command, Sandbox, SandboxEvent
from sandboxes.services import commands, network, network_history, refused_hosts
from tests.fixtures.rows import finish, make_command, make_sandbox
from tests.fixtures.waiting import until
from vibe.accounts.models import User
from vibe.refusal import Refusal

PATIENCE = 30.0
FETCH = "curl -sS -m 20 https://code.example/"


def refusal(at: float | None = None, host: str = "code.example", **more: Any) -> dict[str, Any]:
    return {
        "host": host, "port": 443, "allowed": False, "reason": "not in the policy",
        "at": at or time.time(), **more,
    }  # fmt: skip


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", password="a long password of alice")


@pytest.fixture
def rows(alice: User) -> Sandbox:
    """Rows of a sandbox of which nothing runs, so that no change waits for a worker."""
    return make_sandbox(alice, status="stopped")


def hosts(command: Command) -> list[str]:
    command.refresh_from_db()
    return [entry["host"] for entry in command.refused]


class TestInRealSandboxes:
    pytestmark = pytest.mark.django_db(transaction=True)

    def run(self, sandbox: Sandbox, script: str, **more: Any) -> Command:
        command = commands.run(sandbox, "bash", ["-c", script], **more)
        return commands.wait(command, PATIENCE)

    def test_the_end_of_a_command_knows_what_was_refused_to_it(self, sandbox: Sandbox) -> None:
        for _ in range(3):  # the log tells each host once a minute; each command all the same
            command = self.run(sandbox, FETCH)
            (refused,) = command.refused
            assert (refused["host"], refused["port"]) == ("code.example", 443)
            assert refused["reason"] == NOT_IN_POLICY

    def test_a_command_that_ran_before_or_after_is_not_told(self, sandbox: Sandbox) -> None:
        before = self.run(sandbox, "true")
        self.run(sandbox, FETCH)
        after = self.run(sandbox, "true")
        assert hosts(before) == hosts(after) == []

    def test_a_program_in_the_background_is_told_while_it_runs(self, sandbox: Sandbox) -> None:
        command = commands.run(sandbox, "bash", ["-c", f"{FETCH}; sleep 60"], background=True)
        until(lambda: hosts(command) == ["code.example"])
        assert not command.is_finished

    def test_the_program_reaches_the_host_once_it_is_allowed(self, sandbox: Sandbox) -> None:
        def by_policy() -> bool:
            reasons = [entry["reason"] for entry in self.run(sandbox, FETCH).refused]
            return NOT_IN_POLICY in reasons

        assert by_policy()
        network.allow_host(sandbox, "code.example", 443)
        assert not by_policy()  # its name leads nowhere, which is another matter

    def test_the_answer_of_the_proxy_says_whose_policy_and_which_host(
        self, sandbox: Sandbox
    ) -> None:
        from sandboxes.output import replay

        said = replay.text(self.run(sandbox, "curl -sS -m 20 http://code.example/"))
        assert "code.example:80 is not allowed by the network policy" in said
        assert "of this sandbox (package registries only)" in said


class TestWhatRanAtThatMoment:
    def record(self, sandbox: Sandbox, *entries: dict[str, Any]) -> None:
        assert sandbox.session_id is not None
        refused_hosts.record(sandbox.session_id, list(entries))

    def test_the_foreground_goes_before_servers_and_terminals(self, rows: Sandbox) -> None:
        server = make_command(rows, status="running", background=True)
        shell = make_command(rows, status="running", background=True, tty=True)
        clone = make_command(rows, status="running")
        self.record(rows, refusal())
        assert (hosts(server), hosts(shell), hosts(clone)) == ([], [], ["code.example"])
        finish(clone)
        self.record(rows, refusal(host="other.example"))
        assert hosts(server) == hosts(shell) == ["other.example"]

    def test_news_that_come_late_find_the_command_that_has_ended(self, rows: Sandbox) -> None:
        command = make_command(rows, status="running")
        at = time.time()
        finish(command)
        self.record(rows, refusal(at))
        assert hosts(command) == ["code.example"]

    def test_what_a_command_has_left_running_is_its_own(self, rows: Sandbox) -> None:
        command = finish(make_command(rows, left_processes=1))
        self.record(rows, refusal())
        assert hosts(command) == ["code.example"]

    def test_the_hosts_of_a_command_are_bounded_and_each_told_once(self, rows: Sandbox) -> None:
        command = make_command(rows, status="running")
        self.record(rows, *(refusal(host=f"h{n}.example") for n in range(40)), refusal())
        assert len(hosts(command)) == refused_hosts.MOST_HOSTS
        self.record(rows, refusal(host="h1.example", repeated=True))
        assert hosts(command).count("h1.example") == 1

    def test_a_terminal_speaks_of_it_for_a_while_and_again_when_it_happens_again(
        self, rows: Sandbox
    ) -> None:
        shell = make_command(rows, status="running", background=True, tty=True)
        shell.created_at = datetime.fromtimestamp(0, UTC)
        shell.save()
        long_ago = time.time() - refused_hosts.SHELL_SECONDS - 5
        self.record(rows, refusal(long_ago))
        shell.refresh_from_db()
        assert shell.refused and refused_hosts.of(shell) == []
        self.record(rows, refusal(repeated=True))
        shell.refresh_from_db()
        assert len(refused_hosts.of(shell)) == 1

    def test_a_refusal_told_before_is_not_logged_again(self, rows: Sandbox) -> None:
        self.record(rows, refusal(), refusal(repeated=True))
        assert SandboxEvent.objects.filter(sandbox=rows).count() == 1


class TestTheSentence:
    def one(self, command: Command) -> refused_hosts.RefusedHost:
        (one,) = refused_hosts.of(command)
        return one

    @pytest.fixture
    def command(self, rows: Sandbox) -> Command:
        refused = {"host": "code.example", "port": 443, "reason": NOT_IN_POLICY, "at": time.time()}
        return finish(make_command(rows, refused=[refused]), exit_code=128)

    def test_it_names_the_policy_of_this_sandbox_and_the_host(self, command: Command) -> None:
        one = self.one(command)
        assert one.sentence == (
            "The network policy of this sandbox refused code.example; it allows package "
            "registries only."
        )
        assert (one.allowable, one.allowed) == (True, False)

    def test_the_model_is_told_the_same_and_that_the_user_can_allow_it(
        self, command: Command
    ) -> None:
        said = refused_hosts.in_words(command)
        assert self.one(command).sentence in said
        assert '"Allow code.example here"' in said

    def test_after_it_is_allowed_it_says_so(self, command: Command) -> None:
        network.allow_host(command.sandbox, "code.example", 443)
        one = self.one(command)
        assert (one.allowed, one.allowable) == (True, False)

    def test_a_port_of_its_own_is_named(self, rows: Sandbox) -> None:
        refused = {"host": "code.example", "port": 22, "reason": NOT_IN_POLICY, "at": time.time()}
        one = self.one(make_command(rows, refused=[refused]))
        assert one.name == "code.example:22"
        network.allow_host(rows, "code.example", 22)
        assert list(network.policy_of(rows).allow) == ["code.example:22"]

    def test_the_ports_of_the_web_are_one_matter(self, rows: Sandbox) -> None:
        entry = {"host": "code.example", "reason": NOT_IN_POLICY, "at": time.time()}
        refused = [{**entry, "port": port} for port in (80, 443, 8443)]
        found = refused_hosts.of(make_command(rows, refused=refused))
        assert [one.name for one in found] == ["code.example", "code.example:8443"]

    def test_what_no_policy_can_open_has_no_button(self, rows: Sandbox) -> None:
        refused = {"host": "code.example", "port": 443, "reason": "a private address", "at": 0}
        one = self.one(make_command(rows, refused=[refused]))
        assert not one.allowable
        assert "a private address" in one.sentence

    def test_under_the_operators_ceiling_it_says_who_forbids_it(
        self, command: Command, settings: Any
    ) -> None:
        settings.NETWORK_CEILING = "registries"
        one = self.one(command)
        assert not one.allowable
        assert "operator" in one.why_not
        assert "operator" in refused_hosts.in_words(command)


class TestAllowing:
    def test_the_host_is_added_and_all_else_stays(self, rows: Sandbox) -> None:
        rule = {"transform": [{"headers": {"x-key": "hush"}}]}
        old = {"mode": "custom", "allow": {"a.example": [rule]},
               "subnets": {"deny": ["192.0.2.0/24"]}}  # fmt: skip
        network.set_policy(rows, old)
        network.allow_host(rows, "Code.Example.", 443)
        policy = network.policy_of(rows)
        assert {name: len(rules) for name, rules in policy.allow.items()} == {
            "a.example": 1, "code.example": 0,
        }  # fmt: skip
        assert policy.subnets.deny == ("192.0.2.0/24",)
        assert "code.example" in network_history.decisions(rows)[0].text

    @pytest.mark.parametrize(
        ("before", "after"),
        [("registries", "registries"), ("deny-all", "custom"), ("internet", "internet")],
    )
    def test_of_each_policy_only_this_host_is_opened(
        self, rows: Sandbox, before: str, after: str
    ) -> None:
        network.set_policy(rows, before)
        policy = network.allow_host(rows, "code.example", 8443)
        assert (policy.mode, list(policy.allow)) == (after, ["code.example:8443"])

    @pytest.mark.parametrize("host", ["*", "*.example", "http://x", "", "a b", "0x7f.1", "x:1"])
    def test_what_is_no_single_host_is_refused(self, rows: Sandbox, host: str) -> None:
        with pytest.raises(Refusal):
            network.allow_host(rows, host, 443)
        assert network.policy_of(rows).allow == {}

    def test_no_road_goes_beyond_the_operators_ceiling(self, rows: Sandbox, settings: Any) -> None:
        network.set_policy(rows, "internet")
        settings.NETWORK_CEILING = "registries"
        assert network.policy_of(rows).mode == "registries"
        for beyond in ("internet", {"allow": ["a.example"]},
                       {"mode": "registries", "allow": ["a.example"]},
                       {"mode": "registries", "subnets": {"allow": ["192.0.2.0/24"]}}):  # fmt: skip
            with pytest.raises(Refusal, match="operator"):
                network.set_policy(rows, beyond)
        with pytest.raises(Refusal, match="operator"):
            network.allow_host(rows, "a.example")
        network.set_policy(rows, "deny-all")


def test_the_sets_of_scaffolds_are_for_default_policies_only(rows: Sandbox, settings: Any) -> None:
    assert network.policy_of(rows).allow == {}
    settings.NETWORK_SCAFFOLDS = ["fonts"]
    assert list(network.policy_of(rows).allow) == scaffolds.hosts(["fonts"])
    network.set_policy(rows, "registries")
    assert network.policy_of(rows).allow == {}
    assert not set(scaffolds.hosts(["code"])) & set(scaffolds.hosts(["fonts"]))


def test_repeated_refusals_are_passed_on_with_their_time_bounded_and_without_haste() -> None:
    journal = Journal()
    assert journal.note("a.example", 443, False, "x") == SOON_SECONDS
    assert journal.note("b.example", 443, True, "y") == SOON_SECONDS
    first = journal.take()
    assert [entry.get("repeated") for entry in first] == [None, None]
    assert journal.note("b.example", 443, True, "y") is None
    delays = [journal.note("a.example", 443, False, "x") for _ in range(10 * MOST_REPEATED)]
    assert delays == [REPEATED_SECONDS] * MOST_REPEATED + [None] * 9 * MOST_REPEATED
    again = journal.take()
    assert len(again) == MOST_REPEATED
    assert all(entry["repeated"] and entry["at"] >= first[0]["at"] for entry in again)
