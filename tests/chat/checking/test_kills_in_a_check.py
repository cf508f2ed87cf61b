"""SIGKILL to whoever takes part in a check: it ends in a true word, and nothing stays behind.

No web process runs here at all: none of it takes part.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connections

from chat.checking import running
from chat.models import Check
from chat.services.checking import checks
from sandboxes.host import browsers
from sandboxes.models import PageVisit, Sandbox
from sandboxes.services import creating, readiness
from tests.fixtures.trees import living_on
from tests.fixtures.waiting import until
from vibe.jobs.queue import enqueue

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.battery]

# Fourteen controls take half a minute to try.
MANY = "<!doctype html><title>Many</title><h1>Many</h1>" + "".join(
    f"<button onclick=\"this.after(' pressed')\">Number {name}</button>"
    for name in "abcdefghijklmn"
)
SENDS = """<!doctype html><title>Notes</title><h1>Notes</h1><form id=f><input name=note>
<button>Save</button></form><p id=p></p><script>f.onsubmit = async (event) => {
event.preventDefault(); await fetch("/", {method: "POST", body: f.note.value});
p.textContent = "Saved."; };</script>"""
CHAT = """
import os
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "vibe.settings"
from vibe import settings as own
own.DATABASES["default"]["NAME"] = {name!r}
django.setup()
from chat import worker
worker.run()
"""
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def worker(workers: Start) -> subprocess.Popen[bytes]:
    return workers()


@pytest.fixture
def sandbox(owner, worker):
    return readiness.wait_until_running(creating.create_sandbox(owner), 60)


@pytest.fixture
def chat_workers(transactional_db: None) -> Iterator[Start]:
    started = []

    def start() -> subprocess.Popen[bytes]:
        name = str(connections["default"].settings_dict["NAME"])
        code = CHAT.format(name=name)
        started.append(subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ)))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


@pytest.fixture
def beside() -> Iterator[Callable[[str], None]]:
    """Carries a check out beside the test."""
    threads = []

    def begin(check_id: str) -> None:
        thread = threading.Thread(target=lambda: asyncio.run(running.run(check_id)))
        thread.start()
        threads.append(thread)

    yield begin
    for thread in threads:
        thread.join(60)


def ours() -> dict[int, str]:
    """What runs of this platform's browsers."""
    return living_on("/".join(browsers.place().parts[-2:]) + "/")


def is_tried(check_id: str) -> bool:
    """Whether a browser of ours is at the page by now."""
    under_way = PageVisit.objects.filter(status=PageVisit.Status.RUNNING).exists()
    return under_way and any("--type=renderer" in line for line in ours().values())


def ended(check_id: str) -> tuple[str, str]:
    until(lambda: not Check.objects.get(pk=check_id).is_pending, lambda: "still checking", 120)
    check = Check.objects.get(pk=check_id)
    return check.status, check.reason


def nothing_is_left() -> bool:
    place = browsers.place()
    return not ours() and not (place.is_dir() and list(place.iterdir()))


def test_when_the_browser_is_killed_the_check_ends_unchecked(left, beside):
    check_id = left({"index.html": MANY})
    beside(check_id)
    until(lambda: is_tried(check_id), lambda: "no visit", 90)
    first = [pid for pid, line in ours().items() if "--remote-debugging-pipe" in line]
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    assert ended(check_id) == ("unchecked", "The browser ended.")
    until(nothing_is_left, lambda: str(ours()), 60)


def test_when_the_sandbox_worker_is_killed_the_next_one_ends_the_visit(
    left, beside, worker, workers
):
    check_id = left({"index.html": MANY})
    beside(check_id)
    until(lambda: is_tried(check_id), lambda: "no visit", 90)
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    workers()
    assert ended(check_id) == (
        "unchecked",
        "The worker that looked at the page ended meanwhile.",
    )
    until(nothing_is_left, lambda: str(ours()), 60)


def test_when_the_chat_worker_is_killed_the_next_one_ends_the_check_and_its_copy(
    left, sandbox, chat_workers
):
    check_id = left({"index.html": SENDS})
    chat = chat_workers()
    enqueue(settings.CHAT_QUEUE, checks.RUN_JOB, check_id, job_id=check_id)
    until(lambda: Check.objects.get(pk=check_id).copy_id, lambda: "no copy was made", 120)
    copy = Sandbox.objects.exclude(pk=sandbox.pk).get()
    chat.send_signal(signal.SIGKILL)
    chat.wait(10)
    chat_workers()
    assert ended(check_id) == ("unchecked", checks.RESTARTED)
    files = settings.DATA_DIR / "sandboxes" / copy.pk
    until(lambda: not files.exists(), lambda: "the files of the copy are still there", 60)
    copy.refresh_from_db()
    assert (copy.deleted_at is None, copy.is_live) == (False, False)
