"""The command `vibe` against a running platform, as a person types it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.platform import ROOT, Client, Platform

pytestmark = pytest.mark.slow
RUN = [sys.executable, "-m", "vibe.client.main"]


class Vibe:
    """Runs the client with a home directory of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            **environment,
        }

    def __call__(self, *words: str, stdin: bytes = b"", check: bool = True):
        done = subprocess.run(
            [*RUN, *words], input=stdin, capture_output=True, cwd=self.home, env=self.environment,
            timeout=120,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, done.stderr.decode()
        return done

    def out(self, *words: str, stdin: bytes = b"") -> str:
        return self(*words, stdin=stdin).stdout.decode()


@pytest.fixture(scope="module")
def vibe(platform: Platform, program: Client, tmp_path_factory) -> Vibe:
    home = tmp_path_factory.mktemp("home")
    return Vibe(home, VIBE_API_URL=platform.url, VIBE_API_KEY=program.key)


@pytest.fixture(scope="module")
def sandbox(vibe: Vibe) -> Iterator[str]:
    name = vibe.out("create", "from-the-shell", "-p", "3000", "-e", "COLOUR=blue").strip()
    yield name
    vibe("rm", name)


def test_a_created_sandbox_is_listed_as_running(vibe: Vibe, sandbox: str) -> None:
    (line,) = [row for row in vibe.out("ls").splitlines() if row.startswith(sandbox)]
    assert line.split()[1] == "running"


def test_exec_shows_both_streams_and_ends_as_the_command_did(vibe: Vibe, sandbox: str) -> None:
    script = "echo $COLOUR; echo wrong >&2; exit 7"
    done = vibe("exec", sandbox, "sh", "-c", script, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (b"blue\n", b"wrong\n", 7)


def test_exec_tells_a_signal_as_a_shell_does(vibe: Vibe, sandbox: str) -> None:
    done = vibe("exec", sandbox, "--", "sh", "-c", "kill -9 $$", check=False)
    assert done.returncode == 137


def test_a_detached_command_is_followed_by_its_id(vibe: Vibe, sandbox: str) -> None:
    script = "for i in 1 2 3; do echo $i; sleep 0.1; done"
    command = vibe.out("exec", "-d", sandbox, "sh", "-c", script).strip()
    assert vibe.out("logs", "-f", command) == "1\n2\n3\n"
    assert vibe.out("logs", command) == "1\n2\n3\n"


def test_a_file_goes_in_and_comes_out_unchanged(vibe: Vibe, sandbox: str) -> None:
    data = bytes(range(256)) * 5000
    (vibe.home / "data.bin").write_bytes(data)
    vibe("cp", "data.bin", f"{sandbox}:in/data.bin")
    vibe("cp", f"{sandbox}:in/data.bin", "back.bin")
    assert (vibe.home / "back.bin").read_bytes() == data


def test_a_folder_goes_in_and_comes_out(vibe: Vibe, sandbox: str) -> None:
    (vibe.home / "site" / "css").mkdir(parents=True)
    (vibe.home / "site" / "index.html").write_text("<h1>hi</h1>")
    (vibe.home / "site" / "css" / "a.css").write_text("h1 {}")
    vibe("cp", "site", f"{sandbox}:")
    assert vibe.out("exec", sandbox, "cat", "site/css/a.css") == "h1 {}"
    vibe("cp", f"{sandbox}:site", "copy")
    assert (vibe.home / "copy" / "index.html").read_text() == "<h1>hi</h1>"


def test_cp_reads_from_a_pipe_and_writes_to_one(vibe: Vibe, sandbox: str) -> None:
    vibe("cp", "-", f"{sandbox}:piped.txt", stdin=b"through a pipe")
    assert vibe.out("cp", f"{sandbox}:piped.txt", "-") == "through a pipe"


def test_the_address_of_a_port_is_printed(vibe: Vibe, sandbox: str) -> None:
    assert vibe.out("url", sandbox, "3000").startswith("http://3000-")


def test_a_stopped_sandbox_is_resumed_with_its_files(vibe: Vibe, sandbox: str) -> None:
    vibe("exec", sandbox, "sh", "-c", "echo kept > kept.txt")
    vibe("stop", sandbox)
    vibe("resume", sandbox)
    assert vibe.out("exec", sandbox, "cat", "kept.txt") == "kept\n"


def test_sh_shows_a_terminal_and_ends_as_its_program_did(vibe: Vibe, sandbox: str) -> None:
    typed = b"echo $((6*7)); tty >/dev/null && echo is a terminal\nexit 5\n"
    done = vibe("sh", sandbox, stdin=typed, check=False)
    assert b"42\r\nis a terminal" in done.stdout
    assert done.returncode == 5


def test_sh_runs_a_program_on_the_callers_terminal(vibe: Vibe, sandbox: str) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 101, 0, 0))
    with subprocess.Popen(
        [*RUN, "sh", sandbox, "stty", "size"],
        stdin=theirs, stdout=theirs, stderr=theirs, env=vibe.environment, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # a terminal nobody holds any more ends in an error
            while data := os.read(ours, 4096):
                shown += data
        assert process.wait(30) == 0
    os.close(ours)
    assert b"33 101" in shown


def test_chat_prints_the_answer_of_the_model(vibe: Vibe) -> None:
    done = vibe("chat", "-m", "demo", "run `echo hello from chat`")
    assert done.stdout.strip()
    assert "run_command" in done.stderr.decode()


def test_login_keeps_the_key_for_its_owner_alone(
    platform: Platform, program: Client, tmp_path: Path
) -> None:
    fresh = Vibe(tmp_path)
    assert "no API key" in fresh("ls", check=False).stderr.decode()
    assert "program" in fresh.out("--url", platform.url, "--key", program.key, "login")
    kept = tmp_path / ".config" / "vibe" / "client.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "NAME" in fresh.out("ls")


def test_a_server_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    away = Vibe(tmp_path, VIBE_API_URL="http://127.0.0.1:9", VIBE_API_KEY="vibe_x")
    done = away("ls", check=False)
    assert done.returncode == 1
    assert done.stderr.decode().startswith("vibe: http://127.0.0.1:9 does not answer")
    assert b"Traceback" not in done.stderr


def test_an_unknown_sandbox_is_told_with_what_to_do(vibe: Vibe) -> None:
    done = vibe("exec", "nobody", "true", check=False)
    assert "There is no such sandbox. List yours" in done.stderr.decode()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_every_command(vibe: Vibe, shell: str) -> None:
    script = vibe.out("completion", shell)
    assert "chat completion cp create env exec login logs ls resume rm sh stop url" in script


def test_the_bash_completion_completes_a_command(vibe: Vibe, tmp_path: Path) -> None:
    script = vibe.out("completion", "bash")
    check = f"{script}\nCOMP_WORDS=(vibe cre); COMP_CWORD=1; _vibe; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(["bash", "-c", check], capture_output=True, text=True)
    assert done.stdout.strip() == "create"


def test_chat_prints_what_is_asked_and_how_to_answer_when_nobody_types(
    vibe: Vibe, program: Client
) -> None:
    done = vibe("chat", "Ask me what to build", check=False)
    told = done.stderr.decode()
    assert done.returncode == 3
    assert "What shall I build?" in told and "1. Build a to-do app in Python (suggested)" in told
    turn = told.partition("/turns/")[2].partition("/")[0]
    assert program("GET", f"turns/{turn}")["waiting_for"] == "question"
    program("POST", f"turns/{turn}/stop")
