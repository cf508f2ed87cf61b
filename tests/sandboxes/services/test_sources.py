"""New sandboxes filled from a git repository and a tarball of a host that they may reach."""

from __future__ import annotations

import base64
import functools
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sandboxes.models import Command, Sandbox
from sandboxes.output import replay
from sandboxes.services import commands, sources
from sandboxes.services.sources import Source
from vibe.refusal import Refusal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
]
PATIENCE = 120.0
ADDRESS = "127.0.0.4"
WORD = base64.b64encode(b"ada:secret").decode()


class Files(SimpleHTTPRequestHandler):
    """What lies below /closed/ is for Ada alone."""

    def do_GET(self) -> None:
        if self.path.startswith("/closed/"):
            if self.headers.get("Authorization") != f"Basic {WORD}":
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="files"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.path = self.path.removeprefix("/closed")
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


def git(*words: str, cwd: Path) -> None:
    name = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *name, *words], cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def host(settings: Any, tmp_path: Path) -> Iterator[str]:
    """Address of a server with repo.git (two commits, a branch `old`) and files.tar.gz."""
    work = tmp_path / "work"
    work.mkdir()
    git("init", "-q", cwd=work)
    for text in ("first", "second"):
        (work / "readme").write_text(text)
        git("add", ".", cwd=work)
        git("commit", "-qm", text, cwd=work)
    git("branch", "old", "HEAD~1", cwd=work)
    git("clone", "-q", "--bare", str(work), str(tmp_path / "repo.git"), cwd=tmp_path)
    git("update-server-info", cwd=tmp_path / "repo.git")
    with tarfile.open(tmp_path / "files.tar.gz", "w:gz") as archive:
        archive.add(work / "readme", "packed/readme")
    handler = functools.partial(Files, directory=str(tmp_path))
    server = ThreadingHTTPServer((ADDRESS, 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    place = f"{ADDRESS}:{server.server_port}"
    settings.EGRESS_ALLOW, settings.EGRESS_NETWORKS = [place], [f"{ADDRESS}/32"]
    yield f"http://{place}"
    server.shutdown()
    server.server_close()
    thread.join()


def filled(sandbox: Sandbox, source: Source, **more: Any) -> Command:
    sources.check(source)
    command = sources.fill(sandbox, source, by=sandbox.owner, **more)
    command = commands.wait(command, PATIENCE)
    sources.check_filled(command)
    return command


def said(sandbox: Sandbox, line: str) -> str:
    command = commands.wait(commands.run(sandbox, "sh", ["-c", line]), PATIENCE)
    return replay.text(command)


def test_a_repository_is_cloned_into_a_directory_of_its_name(host: str, sandbox: Sandbox) -> None:
    filled(sandbox, Source("git", f"{host}/repo.git"))
    assert said(sandbox, "cat repo/readme; git -C repo rev-list --count HEAD") == "second2\n"


def test_a_revision_is_checked_out_in_the_workspace_itself(host: str, sandbox: Sandbox) -> None:
    filled(sandbox, Source("git", f"{host}/repo.git", revision="old"), subdirectory=False)
    assert said(sandbox, "cat readme") == "first"


def test_a_password_opens_a_repository_and_stays_nowhere(host: str, sandbox: Sandbox) -> None:
    closed = f"{host}/closed/repo.git"
    with pytest.raises(Refusal, match="could not be fetched"):
        filled(sandbox, Source("git", closed, username="ada", password="wrong"))
    command = filled(sandbox, Source("git", closed, username="ada", password="secret"))
    command.refresh_from_db()
    assert said(sandbox, "cat repo/readme") == "second"
    assert "secret" not in f"{command.env} {command.args} {replay.text(command)}"
    assert said(sandbox, "grep -rl secret repo/.git ~ 2>/dev/null") == ""


def test_a_tarball_is_unpacked_into_the_workspace(host: str, sandbox: Sandbox) -> None:
    filled(sandbox, Source("tarball", f"{host}/files.tar.gz"))
    assert said(sandbox, "cat packed/readme") == "second"
