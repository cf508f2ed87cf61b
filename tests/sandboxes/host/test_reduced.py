"""The platform on level "reduced": its sentences, its refusals, a sandbox from end to end."""

from __future__ import annotations

import os

import pytest

from sandboxes.engine import Engine, EngineUnavailable, levels
from sandboxes.engine.landlock import abi
from sandboxes.host import handles, isolation
from sandboxes.output import replay
from sandboxes.services import commands, creating, ports, readiness
from vibe.refusal import Refusal


@pytest.fixture
def reduced(monkeypatch) -> None:
    """As on a machine that forbids namespaces."""
    if problem := abi.problem():
        pytest.skip(problem)

    def choose(allow_unisolated: bool, allow_reduced: bool = True) -> Engine:
        if allow_reduced:
            return levels.of_level("reduced")
        raise EngineUnavailable("Namespaces are forbidden.", "Allow them.")

    monkeypatch.setattr(levels, "choose", choose)
    isolation.probe.cache_clear()
    yield
    isolation.probe.cache_clear()


def test_commands_run_and_the_page_says_it_in_words(reduced, owner):
    state = isolation.current()
    assert (state.level, state.allowed, state.consent_needed) == ("reduced", True, False)
    assert "Isolation is reduced" in state.sentence and "Namespaces are forbidden" in state.sentence


def test_this_machine_is_served(reduced):
    isolation.check("127.0.0.1")


def test_other_machines_are_not_served_unless_the_operator_says_so(reduced, settings):
    with pytest.raises(Refusal) as refused:
        isolation.check("0.0.0.0")
    assert "VIBE_ALLOW_REDUCED" in refused.value.hint
    settings.ALLOW_REDUCED = True
    isolation.check("0.0.0.0")


def test_every_page_carries_the_banner(reduced, client, owner):
    client.force_login(owner)
    assert "Isolation is reduced" in client.get("/sandboxes/").content.decode()


@pytest.mark.sandbox
def test_a_sandbox_works_from_end_to_end(reduced, owner, sandbox_worker, settings):
    secret = settings.DATA_DIR / "secret_key"
    secret.write_text("canary-91ab")
    secret.chmod(0o644)
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    assert sandbox.session.isolation == "reduced"
    script = f"echo port $PORT; cat {secret}; ls {settings.DATA_DIR}; cat {settings.DATA_DIR}/db*"
    command = commands.wait(commands.run(sandbox, "bash", ["-c", script]), 20)
    said = replay.text(command)
    share = ports.share_in_words(sandbox)
    port = said.split()[1]
    assert f"$PORT is {port}" in share
    assert "port 2" in said and "canary-91ab" not in said and "SQLite" not in said
    if os.geteuid() == 0:
        assert not secret.stat().st_mode & 0o077
        assert settings.DATA_DIR.stat().st_mode & 0o777 == 0o711
    settings.DATA_DIR.chmod(0o700)
    secret.unlink()


@pytest.mark.sandbox
def test_its_network_policy_holds(reduced, owner, sandbox_worker):
    """The proxy answers at the sandbox's own port, and nothing else does."""
    if not abi.closes_network():
        pytest.skip("Landlock without network rules")
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    script = (
        "import http.client, os, urllib.parse\n"
        "proxy = urllib.parse.urlsplit(os.environ['HTTP_PROXY'])\n"
        "connection = http.client.HTTPConnection(proxy.hostname, proxy.port, timeout=20)\n"
        "connection.request('GET', 'http://not-allowed.example/')\n"
        "print(proxy.port, connection.getresponse().status)\n"
        "print(os.path.exists(os.environ['SSL_CERT_FILE']))"
    )

    command = commands.wait(commands.run(sandbox, "python3", ["-c", script]), 30)
    port = handles.handle_of(sandbox.session).proxy_port
    assert replay.text(command) == f"{port} 403\nTrue\n"


@pytest.mark.sandbox
def test_the_names_that_tutorials_type_work(reduced, owner, sandbox_worker):
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    script = (
        "python --version && git init -q . && git commit -q --allow-empty -m one &&"
        " git log --format='%an %D' && corepack --version >/dev/null &&"
        " npm prefix -g && echo $PIP_BREAK_SYSTEM_PACKAGES"
    )
    command = commands.wait(commands.run(sandbox, "bash", ["-c", script]), 60)
    version, author, prefix, pip = replay.text(command).splitlines()
    assert version.startswith("Python 3") and author == f"{owner.username} HEAD -> main"
    assert prefix.endswith("/home/.local") and pip == "1"
