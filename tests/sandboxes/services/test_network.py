"""The network policy of real sandboxes: what programs in them reach, and what is told of it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from sandboxes.host import registries
from sandboxes.models import Sandbox, SandboxEvent
from sandboxes.services import commands, creating, network, network_history, readiness
from sandboxes.worker import supervisor
from tests.fixtures.waiting import until
from tests.sandboxes.services.reaching_out import Site, logged, shell
from vibe.refusal import Refusal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(settings) -> Iterator[str]:
    """`address:port` of a server of this machine, which the operator has opened to sandboxes."""
    server = ThreadingHTTPServer(("127.0.0.2", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    place = f"127.0.0.2:{server.server_port}"
    settings.EGRESS_ALLOW = [place]
    settings.EGRESS_NETWORKS = ["127.0.0.2/32"]
    yield place
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(place: str) -> str:
    return f"curl -sS -m 20 --noproxy '' http://{place}/x"


def test_a_program_reaches_what_the_policy_opens_from_its_first_moment(site, sandbox):
    code, output = shell(sandbox, fetch(site))
    assert (code, output) == (0, "site says /x no key")
    until(lambda: f"Allowed {site} (VIBE_EGRESS_ALLOW)." in logged(sandbox))


def test_a_host_outside_of_the_policy_is_refused_in_words_and_logged(sandbox):
    code, output = shell(sandbox, "curl -sS -m 20 https://evil.example/")
    assert code != 0
    assert "403" in output
    until(lambda: "Refused evil.example:443: not in the policy." in logged(sandbox))
    assert "network policy" in shell(sandbox, "curl -sS -m 20 http://evil.example/")[1]


def test_the_inside_of_this_machine_is_not_reached_by_any_policy(sandbox):
    network.set_policy(sandbox, {"allow": ["*"], "subnets": {"allow": ["0.0.0.0/0"]}})
    for target in ("169.254.169.254", "127.0.0.1:22", "[::ffff:127.0.0.1]:80", "localhost:80"):
        _, output = shell(sandbox, f"curl -sS -m 20 --noproxy '' 'http://{target}/'")
        assert "no sandbox may reach" in output or "not allowed by the network policy" in output


def test_two_sandboxes_do_not_reach_each_other(site, owner, sandbox):
    other = readiness.wait_until_running(creating.create_sandbox(owner))
    serve = "import http.server as h; h.HTTPServer(('127.0.0.1',3000),h.SimpleHTTPRequestHandler)"
    commands.run(other, "python3", ["-c", serve + ".serve_forever()"], background=True)
    assert shell(other, "for i in $(seq 100); do curl -s -m 5 localhost:3000 && break; sleep .05; "
                 "done")[0] == 0  # fmt: skip
    assert shell(sandbox, "curl -sS -m 5 localhost:3000")[0] == 7
    network.set_policy(sandbox, "internet")
    _, output = shell(sandbox, "curl -sS -m 5 --noproxy '' http://127.0.0.1:3000/")
    assert "not allowed" in output or "no sandbox may reach" in output


def test_a_new_policy_holds_as_soon_as_it_is_set(site, sandbox):
    assert shell(sandbox, fetch(site))[0] == 0
    network.set_policy(sandbox, "deny-all")
    assert '"deny-all"' in shell(sandbox, fetch(site))[1]
    network.set_policy(sandbox, {"allow": [site]})
    assert "site says" in shell(sandbox, fetch(site))[1]
    assert "The network policy is now deny-all: no network at all." in logged(sandbox)


def test_a_header_is_put_in_that_the_sandbox_never_sees(site, sandbox):
    network.set_policy(
        sandbox, {"allow": {site: [{"transform": [{"headers": {"X-Key": "hush"}}]}]}}
    )
    assert shell(sandbox, fetch(site))[1] == "site says /x hush"
    assert "hush" not in shell(sandbox, "env; cat /proc/*/environ /run/vibe/network/* 2>&1")[1]


def test_the_way_out_is_there_again_when_the_proxy_has_died(site, sandbox):
    assert shell(sandbox, fetch(site))[0] == 0
    first = supervisor().network.proxy_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert shell(sandbox, fetch(site))[1] == "site says /x no key"
    assert supervisor().network.proxy_pid not in (None, first)


def test_the_next_worker_opens_the_way_out_again(site, sandbox):
    assert shell(sandbox, fetch(site))[0] == 0
    supervisor().close()
    supervisor.cache_clear()
    supervisor().watch(sandbox.session)  # as a worker does with what it finds running
    until(lambda: supervisor().network.serves(sandbox.session_id))
    assert shell(sandbox, fetch(site))[1] == "site says /x no key"


def test_programs_find_the_proxy_and_the_certificates(sandbox):
    _, output = shell(sandbox, "env; ls /run/vibe/network; tail -1 $SSL_CERT_FILE")
    names = "HTTPS_PROXY http_proxy NO_PROXY NODE_USE_ENV_PROXY PIP_CERT NODE_EXTRA_CA_CERTS"
    for name in f"{names} GIT_SSL_CAINFO CURL_CA_BUNDLE APT_CONFIG".split():
        assert f"\n{name}=" in f"\n{output}"
    assert "END CERTIFICATE" in output


def test_the_authoritys_key_is_in_no_sandbox(sandbox):
    key = (registries.directory() / "authority.key").read_text().splitlines()[1]
    # Below /run/vibe/usr lie the machine's programs: gigabytes, and no platform's key.
    where = "--exclude-dir=usr /run /etc /vercel /home"
    search = f"grep -rsF -D skip -e '{key}' {where}; echo searched"
    assert shell(sandbox, search)[1] == "searched\n"


def test_a_policy_that_makes_no_sense_changes_nothing(sandbox):
    with pytest.raises(Refusal, match="not a network policy"):
        network.set_policy(sandbox, {"allow": ["http://x"]})
    sandbox.refresh_from_db()
    assert sandbox.network_policy == {}


def test_the_log_of_decisions_is_bounded(owner, monkeypatch):
    monkeypatch.setattr(network_history, "MOST_EVENTS", 50)
    sandbox = creating.create_sandbox(owner, start=False)
    from sandboxes.models import SandboxSession

    session = SandboxSession.objects.create(sandbox=sandbox, node="local")
    for number in range(20):
        entry = {"host": f"h{number}.example", "port": 443, "allowed": False, "reason": "x"}
        network_history.record_decisions(session.id, [entry] * 10)
    assert SandboxEvent.objects.filter(sandbox=sandbox).count() <= 50


def test_a_row_that_cannot_be_read_lets_nothing_out(owner):
    sandbox = creating.create_sandbox(owner, start=False)
    Sandbox.objects.filter(pk=sandbox.pk).update(network_policy={"mode": "teleport"})
    sandbox.refresh_from_db()
    assert network.policy_of(sandbox).mode == "deny-all"


def test_a_copy_of_a_sandbox_has_its_policy(owner):
    from sandboxes.services import forks

    source = creating.create_sandbox(owner, start=False, network_policy="internet")
    assert network.policy_of(forks.fork(source, start=False)).mode == "internet"
