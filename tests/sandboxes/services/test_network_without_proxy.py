"""What programs of real sandboxes reach that look at no proxy variable."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from sandboxes.engine import EngineError
from sandboxes.engine.link import opening
from sandboxes.models import Sandbox
from sandboxes.services import creating, network, readiness
from sandboxes.worker import supervisor
from tests.fixtures.waiting import until
from tests.sandboxes.link.street import own_address
from tests.sandboxes.services.reaching_out import Site, logged, shell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(settings) -> Iterator[str]:
    """`address:port` of a server of this machine, which the operator has opened to sandboxes."""
    address = own_address()
    server = ThreadingHTTPServer((address, 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    place = f"{address}:{server.server_port}"
    settings.EGRESS_ALLOW = [place]
    settings.EGRESS_NETWORKS = [f"{address}/32"]
    yield place
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(place: str) -> str:
    return f"curl -sS -m 20 --noproxy '*' http://{place}/x"


def interfaces(sandbox: Sandbox) -> str:
    return shell(sandbox, "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '")[1]


def test_it_reaches_what_the_policy_opens(site, sandbox):
    until(lambda: "site says /x" in shell(sandbox, fetch(site))[1])
    until(lambda: f"Allowed {site} (VIBE_EGRESS_ALLOW)." in logged(sandbox))


def test_a_host_outside_of_the_policy_is_refused_in_words_and_logged(sandbox):
    assert '"registries"' in shell(sandbox, fetch("evil.example"))[1]
    until(lambda: "Refused evil.example:80: not in the policy." in logged(sandbox))


def test_the_inside_of_this_machine_is_not_reached_by_any_policy(sandbox):
    network.set_policy(sandbox, {"allow": ["*"], "subnets": {"allow": ["0.0.0.0/0"]}})
    for target in ("169.254.169.254", own_address(), "10.0.0.1"):
        assert "no sandbox may reach" in shell(sandbox, fetch(target))[1]


def test_a_new_policy_holds_as_soon_as_it_is_set(site, sandbox):
    assert shell(sandbox, fetch(site))[0] == 0
    network.set_policy(sandbox, "deny-all")
    assert '"deny-all"' in shell(sandbox, fetch("elsewhere.example"))[1]
    network.set_policy(sandbox, {"allow": [site]})
    assert "site says" in shell(sandbox, fetch(site))[1]


def test_a_rule_answers_for_a_host_that_does_not_exist(sandbox):
    canned = {"response": {"statusCode": 200, "body": "short and stout"}}
    network.set_policy(sandbox, {"allow": {"tea.nowhere.invalid": [canned]}})
    assert shell(sandbox, fetch("tea.nowhere.invalid")) == (0, "short and stout")


def test_the_way_out_is_there_again_when_the_proxy_has_died(site, sandbox):
    assert shell(sandbox, fetch(site))[0] == 0
    first = supervisor().network.proxy_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert shell(sandbox, fetch(site))[1] == "site says /x no key"


def test_the_next_worker_opens_the_way_out_again(site, sandbox):
    assert shell(sandbox, fetch(site))[0] == 0
    supervisor().close()
    supervisor.cache_clear()
    supervisor().watch(sandbox.session)  # as a worker does with what it finds running
    until(lambda: supervisor().network.serves(sandbox.session_id))
    assert shell(sandbox, fetch(site))[1] == "site says /x no key"


def test_without_an_interface_the_proxy_still_serves_and_it_is_said(owner, monkeypatch, sandbox):
    def impossible(_: object) -> list[socket.socket]:
        raise EngineError("Its interface could not be made.", opening.HINT)

    monkeypatch.setattr(opening, "open_link", impossible)
    other = readiness.wait_until_running(creating.create_sandbox(owner))
    text = shell(other, "curl -sS -m 20 http://evil.example/")[1]
    assert "network policy" in text
    until(lambda: any("Only programs that use a proxy" in line for line in logged(other)))
