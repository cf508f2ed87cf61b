"""What a session has used of processors and network is on its row when it is over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sandboxes.models import Sandbox, SandboxSession
from sandboxes.node import sessions
from sandboxes.services import lifecycle, readiness
from tests.fixtures.observed import run, until_status
from tests.fixtures.waiting import PATIENCE, until

pytestmark = pytest.mark.sandbox

BURN = "python3 -c 'import time\nwhile time.process_time() < 0.4: pass'"
SIZE = 300_000


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(SIZE))
        self.end_headers()
        self.wfile.write(bytes(SIZE))

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site(settings) -> Iterator[str]:
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


def ended(sandbox: Sandbox) -> SandboxSession:
    until_status(sandbox, Sandbox.Status.STOPPED)
    return SandboxSession.objects.get(pk=sandbox.session_id)


def test_the_processor_time_of_a_stopped_session_is_known(sandbox):
    run(sandbox, BURN)
    lifecycle.stop(sandbox)
    assert 400 <= ended(sandbox).cpu_ms < 60_000


def test_that_of_one_whose_time_was_over_too(sandbox):
    run(sandbox, BURN)
    SandboxSession.objects.filter(pk=sandbox.session_id).update(
        expires_at=sandbox.session.started_at
    )
    sessions.extend(sandbox.session_id)
    assert 400 <= ended(sandbox).cpu_ms < 60_000


def test_what_came_from_outside_and_went_there_is_known(site, sandbox):
    run(sandbox, f"curl -sS -m 20 --noproxy '' -o f http://{site}/x")

    def counted() -> int:
        return SandboxSession.objects.get(pk=sandbox.session_id).ingress_bytes

    until(lambda: counted() > SIZE, counted)
    lifecycle.stop(sandbox)
    session = ended(sandbox)
    assert SIZE < session.ingress_bytes < SIZE + 1000
    assert 10 < session.egress_bytes < 1000


def test_it_is_known_as_soon_as_a_stop_is_over(site, sandbox):
    get = f"curl -sS -m 20 --noproxy '' -o f http://{site}/x"
    run(sandbox, f"{get}; {get}; {get}")
    lifecycle.stop(sandbox)
    assert 3 * SIZE < ended(sandbox).ingress_bytes < 3 * SIZE + 3000


def test_the_totals_of_a_sandbox_are_those_of_all_its_sessions(sandbox):
    for _ in range(2):
        run(sandbox, BURN)
        lifecycle.stop(sandbox)
        ended(sandbox)
        lifecycle.resume(sandbox)
        readiness.wait_until_running(sandbox, PATIENCE)
    sandbox.refresh_from_db()
    over = SandboxSession.objects.filter(sandbox=sandbox, status="stopped")
    assert sandbox.total_cpu_ms == sum(session.cpu_ms for session in over) >= 800
    lasted = sum((one.stopped_at - one.started_at).total_seconds() for one in over) * 1000
    assert abs(sandbox.total_duration_ms - lasted) < 50
