"""`python3 manage.py up --reload` on a checkout of its own, whose files change."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.fixtures.migrated import put_sqlite
from tests.fixtures.platform import ROOT, Client, Platform
from tests.fixtures.waiting import until

pytestmark = pytest.mark.slow
SCRIPT = "for i in $(seq 1 120); do echo line $i; sleep 0.1; done"
TRUTH = "".join(f"line {i}\n" for i in range(1, 121))


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    """A copy of what the platform is made of."""
    made = Path(tempfile.mkdtemp(prefix="vibe-checkout-"))
    shutil.copy2(ROOT / "manage.py", made)
    for name in ("vibe", "sandboxes", "chat", "templates", "static"):
        shutil.copytree(ROOT / name, made / name)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def platform(checkout: Path) -> Iterator[Platform]:
    data_dir = Path(tempfile.mkdtemp(prefix="vibe-reload-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    put_sqlite(data_dir / "db.sqlite3")
    platform = Platform(data_dir, port, "--reload", root=checkout)
    try:
        platform.wait_for("reload    | watching")
        yield platform
    finally:
        platform.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def content_type(platform: Platform) -> str:
    try:
        with urllib.request.urlopen(f"{platform.url}/reload/", timeout=5) as answer:
            return str(answer.headers["Content-Type"])
    except OSError:
        return ""


@pytest.mark.sandbox
def test_a_running_command_goes_on_while_the_code_changes(
    platform: Platform, checkout: Path
) -> None:
    program = Client(platform, platform.manage("create_api_key", "program", "--create-user"))
    sandbox = program("POST", "sandboxes", {"name": "reload"})["id"]
    until(lambda: program("GET", f"sandboxes/{sandbox}")["status"] == "running")
    run = {"command": "bash", "args": ["-c", SCRIPT]}
    command = program("POST", f"sandboxes/{sandbox}/commands", run)["id"]
    until(lambda: "line 2\n" in program.log(command))
    before = platform.child("worker sandboxes")

    change(checkout / "vibe" / "live_reload.py", "application/json", "text/x-changed")

    until(lambda: content_type(platform) == "text/x-changed")
    until(lambda: platform.child("worker sandboxes") != before)
    until(lambda: program("GET", f"commands/{command}")["status"] == "finished")
    assert program("GET", f"commands/{command}")["exit_code"] == 0
    assert program.log(command) == TRUTH


def test_a_file_of_the_chat_leaves_the_sandbox_worker_alone(
    platform: Platform, checkout: Path
) -> None:
    platform.until_ready()
    parts = ("daphne", "worker chat", "worker sandboxes")
    web, chat, sandboxes = (platform.child(part) for part in parts)

    change(checkout / "chat" / "worker.py", "HEAL_SECONDS = 30.0", "HEAL_SECONDS = 31.0")

    until(lambda: {web, chat}.isdisjoint(platform.children()))
    platform.until_ready()
    assert platform.child("worker sandboxes") == sandboxes


def test_a_syntax_error_is_named_and_the_next_save_recovers(
    platform: Platform, checkout: Path
) -> None:
    platform.until_ready()
    file = checkout / "vibe" / "live_reload.py"
    sound = file.read_text()
    web = platform.child("daphne")

    file.write_text(sound + "\ndef broken(:\n")

    line = len(sound.splitlines()) + 2
    platform.wait_for(f"reload    | vibe/live_reload.py, line {line}: invalid syntax")
    assert platform.child("daphne") == web
    assert platform.status("/healthz") == 200
    now = content_type(platform)
    file.write_text(sound.replace(now, "text/x-mended"))
    until(lambda: content_type(platform) == "text/x-mended")


def test_an_error_that_only_shows_at_the_start_does_not_end_it_either(
    platform: Platform, checkout: Path
) -> None:
    platform.until_ready()
    file = checkout / "vibe" / "live_reload.py"
    sound = file.read_text()

    file.write_text(sound + "\nraise RuntimeError('on purpose')\n")

    platform.wait_for("web       | RuntimeError: on purpose")
    file.write_text(sound.replace(content_type_in(sound), "text/x-again"))
    until(lambda: content_type(platform) == "text/x-again")


def content_type_in(text: str) -> str:
    return text.partition('content_type="')[2].partition('"')[0]


@pytest.mark.browser
def test_an_open_page_shows_a_saved_template(
    platform: Platform, checkout: Path, chromium_path: str
) -> None:
    platform.until_ready()
    web = platform.child("daphne")
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: errors.append(message.text))
        page.goto(f"{platform.site}/sign-in/")
        skip = page.locator(".skip")
        expect(skip).to_have_text("Skip to the content")

        change(checkout / "templates" / "vibe" / "base.html", "Skip to the content", "Skip it")

        expect(skip).to_have_text("Skip it")
        assert platform.child("daphne") == web
        browser.close()
    assert not [text for text in errors if "Content Security" in text]


def test_without_the_library_a_sentence_says_what_to_do(checkout: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['watchfiles'] = None\n"
        "from vibe.commandline import run; run(['manage.py', 'up', '--reload'])"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(
        words, cwd=checkout, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert "up --reload needs the package watchfiles" in done.stderr
