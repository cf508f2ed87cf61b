from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import timezone

from sandboxes.models import Sandbox, SandboxSession
from tests.fixtures.waiting import until

pytestmark = pytest.mark.sandbox

CLOSED = 4567
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


def gone(web, sandbox: Sandbox) -> list[str]:
    return json.loads(web.ask(web.host(sandbox), "/gone").read())


def test_a_closed_port_says_so_and_names_the_open_ones(web, sandbox: Sandbox) -> None:
    answer = web.ask(web.host(sandbox, CLOSED), headers=HTML)
    html = answer.read().decode()

    assert answer.status == 502
    assert f"Nothing is listening on port {CLOSED} yet" in html
    assert f'href="http://{web.host(sandbox, 3000)}/"' in html


def test_the_page_of_a_closed_port_asks_again_by_itself(web, sandbox: Sandbox) -> None:
    html = web.ask(web.host(sandbox, CLOSED), headers=HTML).read().decode()

    assert '<meta http-equiv="refresh" content="2">' in html


def test_programs_get_the_reason_as_json(web, sandbox: Sandbox) -> None:
    error = json.loads(web.ask(web.host(sandbox, CLOSED), headers=JSON).read())["error"]

    assert error["code"] == "port_closed"
    assert 3000 in error["ports"]


def test_a_stopped_sandbox_says_why_and_how_to_go_on(web, sandbox: Sandbox) -> None:
    SandboxSession.objects.filter(pk=sandbox.session_id).update(
        status="stopped", stop_reason="expired"
    )
    Sandbox.objects.filter(pk=sandbox.pk).update(status="stopped")

    answer = web.ask(web.host(sandbox), headers=HTML)
    html = answer.read().decode()

    assert answer.status == 410
    assert "Its time was over. Its files are kept" in html
    assert f"/sandboxes/{sandbox.pk}/" in html


def test_a_sandbox_that_starts_says_so(web, sandbox: Sandbox) -> None:
    Sandbox.objects.filter(pk=sandbox.pk).update(status="pending")

    answer = web.ask(web.host(sandbox), headers=HTML)

    assert answer.status == 503
    assert "is starting" in answer.read().decode()


def test_a_deleted_sandbox_is_not_found(web, sandbox: Sandbox) -> None:
    Sandbox.objects.filter(pk=sandbox.pk).update(deleted_at=timezone.now())

    assert web.ask(web.host(sandbox)).status == 404


def test_an_unknown_sandbox_is_not_found(web) -> None:
    assert web.ask(web.host("a" * 20)).status == 404


def test_names_are_shown_as_text(web, sandbox: Sandbox) -> None:
    Sandbox.objects.filter(pk=sandbox.pk).update(status="pending", name="<script>x</script>")

    assert b"<script>" not in web.ask(web.host(sandbox), headers=HTML).read()


def test_a_stop_ends_previews_within_two_seconds(web, sandbox: Sandbox) -> None:
    assert web.ask(web.host(sandbox), "/page").status == 200

    Sandbox.objects.filter(pk=sandbox.pk).update(status="stopped")

    until(lambda: web.ask(web.host(sandbox), "/page").status == 410, 2.0)


def test_a_sandbox_that_died_unnoticed_gives_a_page_and_no_error(
    web, served, row_of: Callable[..., Sandbox]
) -> None:
    sandbox = row_of(served)
    session = SandboxSession.objects.get(pk=sandbox.session_id)
    session.handle["socket_path"] += ".gone"
    session.save()

    answer = web.ask(web.host(sandbox), headers=HTML)

    assert answer.status == 504
    assert "does not answer" in answer.read().decode()


@pytest.mark.parametrize("path", ["/hang-up", "/nonsense"])
def test_a_server_that_does_not_speak_http_is_told_apart(web, sandbox: Sandbox, path: str) -> None:
    answer = web.ask(web.host(sandbox), path)

    assert answer.status == 502
    assert b"no proper answer" in answer.read()


@pytest.mark.parametrize("path", ["/too-short", "/broken-chunks"])
def test_an_answer_that_breaks_off_is_not_taken_for_whole(web, sandbox: Sandbox, path: str) -> None:
    answer = web.ask(web.host(sandbox), path)

    with pytest.raises(http.client.IncompleteRead):
        answer.read()


def test_a_browser_that_leaves_ends_the_request_in_the_sandbox(web, sandbox: Sandbox) -> None:
    name = f"hang {sandbox.pk}"
    head = f"GET /hang?name={name.replace(' ', '+')} HTTP/1.1\r\nHost: {web.host(sandbox)}\r\n\r\n"
    with web.send(head.encode()):
        until(lambda: name in json.loads(web.ask(web.host(sandbox), "/begun").read()))

    until(lambda: name in gone(web, sandbox))


def test_a_browser_that_leaves_ends_a_download_in_the_sandbox(web, sandbox: Sandbox) -> None:
    name = f"endless {sandbox.pk}"
    answer = web.ask(web.host(sandbox), f"/endless?name={name.replace(' ', '+')}")
    answer.read(1000)

    answer.fp.raw._sock.close()
    answer.close()

    until(lambda: name in gone(web, sandbox))


def test_a_slow_reader_does_not_fill_the_memory_of_the_web_process(web, sandbox: Sandbox) -> None:
    web.ask(web.host(sandbox), "/page").read()
    before = web.memory()
    answer = web.ask(web.host(sandbox), "/big?size=400000000")
    answer.read(1000)
    # The server has written what the buffers on the way hold, and then waits.
    looks = [-1]

    def settled() -> bool:
        looks.append(int(web.ask(web.host(sandbox), "/poured").read()))
        return len(looks) > 10 and len(set(looks[-10:])) == 1

    until(settled, lambda: f"an end of {looks[-10:]}")
    poured = looks[-1]

    assert poured < 100_000_000
    assert web.memory() - before < 60_000_000
    answer.close()


def test_whoever_comes_when_all_places_are_taken_waits_for_his_turn(
    web, sandbox: Sandbox, served, row_of
) -> None:
    watcher = row_of(served)  # the same sandbox by another name, with places of its own
    names = [f"place {number} {sandbox.pk}" for number in range(settings.PREVIEW_REQUESTS + 1)]
    host = web.host(sandbox)

    def begun() -> set[str]:
        return set(json.loads(web.ask(web.host(watcher), "/begun").read())) & set(names)

    def hang(name: str) -> socket.socket:
        path = f"/hang?name={name.replace(' ', '+')}"
        return web.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())

    waiting = [hang(name) for name in names[:-1]]
    try:
        until(lambda: begun() == set(names[:-1]))
        waiting.append(hang(names[-1]))
        assert all(names[-1] not in begun() for _ in range(20))
        waiting.pop(0).close()
        until(lambda: names[-1] in begun())
    finally:
        for connection in waiting:
            connection.close()


def test_requests_side_by_side_get_each_their_own_answer(web, sandbox: Sandbox) -> None:
    said: dict[str, str] = {}

    def ask(number: int) -> None:
        path = f"/echo/{number}"
        said[path] = web.said(web.host(sandbox), path)["target"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(said) == 30
    assert all(path == target for path, target in said.items())
