"""Turns on a tree of a real size with restores in between, as whoever opens the app sees it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from chat.models import Conversation, Turn, Version
from chat.services import conversations
from chat.services.endings import end_turn
from chat.services.versioning import versions
from sandboxes.host import shares
from sandboxes.models import Checkpoint, Command, Sandbox
from sandboxes.output import replay
from sandboxes.services import commands, files
from tests.fixtures.length import length
from tests.fixtures.observed import run
from tests.fixtures.rows import make_turn
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]

TURNS = length(8, 50)
RESTORES_AMONG = 0.4
# Whose page is made of its own source, of a file that it reads each time, and of the database.
SERVER = """
import http.server, pathlib, sqlite3
TITLE = "version {number}"
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        rows = sqlite3.connect("app.sqlite3").execute("select n from t order by n").fetchall()
        body = repr((TITLE, pathlib.Path("words").read_text(), rows)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.ThreadingHTTPServer(("127.0.0.1", 3000), Page).serve_forever()
"""
TREE = "mkdir tree && cp -r /usr/lib/python3*/[a-e]* /usr/lib/python3*/u* tree; chmod -R u+w tree"
WRITE = """
import pathlib, random, sqlite3
dice = random.Random({number})
for path in dice.sample(sorted(p for p in pathlib.Path("tree").rglob("*.py")), 10):
    path.write_text(path.read_text(errors="replace") + "# {number}\\n")
for path in dice.sample(sorted(p for p in pathlib.Path("tree").rglob("*.py")), 2):
    path.unlink()
pathlib.Path("tree/new-{number}").write_text("new")
pathlib.Path("words").write_text("words of {number}")
with sqlite3.connect("app.sqlite3") as database:
    database.execute("create table if not exists t (n)")
    database.execute("insert into t values ({number})")
"""


class State(NamedTuple):
    """Hashes of the tree and of the database's file, and the page as it is served."""

    tree: str
    database: str
    page: str


@pytest.fixture
def workspace(conversation: Conversation, sandbox: Sandbox) -> Path:
    conversations.use_sandbox(conversation.pk, sandbox.pk)
    conversation.refresh_from_db()
    return shares.root_of(sandbox) / "workspace"


def state(sandbox: Sandbox, workspace: Path) -> State:
    digest = hashlib.sha256()
    for path in sorted(workspace.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{path.relative_to(workspace)} {path.lstat().st_mode:o}".encode() + content)
    database = hashlib.sha256((workspace / "app.sqlite3").read_bytes()).hexdigest()
    return State(digest.hexdigest(), database, page(sandbox))


def page(sandbox: Sandbox) -> str:
    shown: list[str] = []

    def answers() -> bool:
        asked = commands.wait(commands.run(sandbox, "curl", ["-sf", "http://127.0.0.1:3000/"]), 20)
        shown.append(replay.text(asked))
        return asked.succeeded

    until(answers)
    return shown[-1]


def saved(version: Version | None) -> Version:
    assert version is not None
    until(lambda: not Checkpoint.objects.get(pk=version.checkpoint_id).is_pending)
    versions.number_settled(version.conversation)
    return Version.objects.select_related("checkpoint", "conversation").get(pk=version.pk)


def serve(sandbox: Sandbox, number: int) -> None:
    """The server of this turn, in the place of the one before."""
    for before in Command.objects.filter(sandbox=sandbox, status="running"):
        commands.stop(before)
        until(lambda before=before: Command.objects.get(pk=before.pk).is_finished)
    files.write_files(sandbox, [("app.py", SERVER.format(number=number).encode())])
    commands.run(sandbox, "python3", ["-B", "app.py"], background=True)
    page(sandbox)


@pytest.fixture
def turn(conversation: Conversation, sandbox: Sandbox, workspace: Path) -> Callable[[int], Version]:
    def ended(number: int) -> Version:
        made = make_turn(conversation, status="running")
        versions.save_before(made)
        run(sandbox, f"python3 -B - <<'END'\n{WRITE.format(number=number)}END")
        if number % 5 == 0:
            serve(sandbox, number)
        assert end_turn(made.pk, Turn.Status.COMPLETED)
        return saved(Version.objects.get(turn=made))

    return ended


def test_any_of_many_turns_comes_back_with_its_files_its_data_and_its_page(
    turn, sandbox: Sandbox, workspace: Path
):
    run(sandbox, TREE)
    dice = random.Random(11)
    recorded: list[tuple[Version, State]] = []
    number = 0
    while number < TURNS:
        if recorded and dice.random() < RESTORES_AMONG:
            version, before = dice.choice(recorded)
            made = saved(versions.restore(version))
            assert state(sandbox, workspace) == before
            recorded.append((made, before))
            continue
        recorded.append((turn(number), state(sandbox, workspace)))
        number += 1
