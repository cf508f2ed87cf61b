from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from vibe import bootstrap
from vibe.bootstrap import install as installing
from vibe.bootstrap.install import InstallError, advice, install
from vibe.bootstrap.progress import Progress
from vibe.bootstrap.stamp import Stamp

MANAGE = Path(__file__).resolve().parents[3] / "manage.py"


class Executed(Exception):
    """Stands for the process that `os.execv` would have become."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "requirements.lock").write_text("nothing==1\n")
    (tmp_path / "requirements-dev.lock").write_text("nothing==1\nmore==2\n")
    return tmp_path


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    calls: list[list[str]] = []

    def execv(path: str, argv: Sequence[str]) -> None:
        calls.append(list(argv))
        raise Executed

    monkeypatch.setattr(os, "execv", execv)
    monkeypatch.delenv("VIBE_BOOTSTRAP", raising=False)
    return calls


def made(checkout: Path, *locks: str) -> Stamp:
    """An environment in which the named lock files are installed."""
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    stamp = Stamp(checkout / ".venv")
    stamp.begin()
    for lock in locks:
        stamp.finish(checkout / lock)
    return stamp


def test_after_the_development_lock_the_runtime_lock_is_there_too(checkout: Path) -> None:
    assert made(checkout, "requirements-dev.lock").matches(checkout / "requirements.lock")


def test_a_runtime_lock_of_other_versions_is_not_there(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text("nothing==3\n")
    assert not made(checkout, "requirements-dev.lock").matches(checkout / "requirements.lock")


def test_after_the_runtime_lock_the_development_lock_is_not_there(checkout: Path) -> None:
    assert not made(checkout, "requirements.lock").matches(checkout / "requirements-dev.lock")


def installs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def record(root: Path, venv: Path, lock: Path) -> None:
        names.append(lock.name)

    monkeypatch.setattr(installing, "install", record)
    return names


def test_an_up_to_date_environment_is_entered_without_an_installation(
    checkout: Path, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(checkout, "requirements.lock")
    installed = installs(monkeypatch)

    with pytest.raises(Executed):
        bootstrap.prepare(["manage.py", "up", "--port", "9000"], checkout)

    assert installed == []
    python = str(checkout / ".venv" / "bin" / "python")
    assert executed == [[python, "manage.py", "up", "--port", "9000"]]


def test_a_changed_lock_file_is_installed(
    checkout: Path, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(checkout, "requirements.lock")
    (checkout / "requirements.lock").write_text("nothing==2\n")
    installed = installs(monkeypatch)

    with pytest.raises(Executed):
        bootstrap.prepare(["manage.py", "up"], checkout)

    assert installed == ["requirements.lock"]


@pytest.mark.parametrize(
    "words", [["test"], ["bench"], ["up", "--reload"], ["up", "--port", "1", "--reload"]]
)
def test_commands_for_work_on_vibe_itself_install_the_development_lock(
    checkout: Path,
    executed: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
) -> None:
    made(checkout, "requirements.lock")
    installed = installs(monkeypatch)

    with pytest.raises(Executed):
        bootstrap.prepare(["manage.py", *words], checkout)

    assert installed == ["requirements-dev.lock"]


def test_an_interrupted_installation_is_taken_up_again(
    checkout: Path, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(checkout)
    installed = installs(monkeypatch)

    with pytest.raises(Executed):
        bootstrap.prepare(["manage.py", "up"], checkout)

    assert installed == ["requirements.lock"]


def test_an_environment_whose_interpreter_changed_is_not_used(checkout: Path) -> None:
    stamp = made(checkout, "requirements.lock")
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/bin/sh")

    assert stamp.usable() is False
    assert stamp.matches(checkout / "requirements.lock") is False


def test_an_environment_whose_interpreter_is_gone_is_not_used(checkout: Path) -> None:
    stamp = made(checkout, "requirements.lock")
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python")

    assert stamp.usable() is False


def test_a_damaged_stamp_counts_as_none(checkout: Path) -> None:
    stamp = made(checkout, "requirements.lock")
    stamp.file.write_text('{"locks": ')

    assert stamp.matches(checkout / "requirements.lock") is False


def test_installing_a_second_lock_keeps_the_first_recorded(checkout: Path) -> None:
    stamp = made(checkout, "requirements.lock", "requirements-dev.lock")

    assert stamp.matches(checkout / "requirements.lock")
    assert stamp.matches(checkout / "requirements-dev.lock")


def test_it_stays_in_the_current_interpreter_when_told_so(
    checkout: Path, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIBE_BOOTSTRAP", "0")

    bootstrap.prepare(["manage.py", "up"], checkout)

    assert executed == []
    assert not (checkout / ".venv").exists()


def test_inside_an_environment_made_by_hand_nothing_is_installed(
    checkout: Path, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / ".venv").mkdir()
    monkeypatch.setattr(sys, "prefix", str(checkout / ".venv"))
    installed = installs(monkeypatch)

    bootstrap.prepare(["manage.py", "up"], checkout)

    assert (installed, executed) == ([], [])


def test_another_active_environment_does_not_leak_in(
    checkout: Path, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(checkout, "requirements.lock")
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere/else")
    monkeypatch.setenv("PYTHONHOME", "/somewhere/else")

    with pytest.raises(Executed):
        bootstrap.prepare(["manage.py", "up"], checkout)

    assert os.environ["VIRTUAL_ENV"] == str(checkout / ".venv")
    assert "PYTHONHOME" not in os.environ


def test_the_second_of_two_first_starts_waits_and_installs_nothing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = made(checkout)
    monkeypatch.setattr(installing, "_by_pip", lambda *_: pytest.fail("installed twice"))
    directory = os.open(checkout, os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    lock = checkout / "requirements.lock"
    second = threading.Thread(target=install, args=(checkout, checkout / ".venv", lock))
    second.start()
    try:
        second.join(0.3)
        assert second.is_alive()
        stamp.finish(lock)
    finally:
        os.close(directory)
    second.join(5)
    assert not second.is_alive()


def test_a_failed_installation_shows_the_last_lines_and_leaves_no_stamp(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stamp = made(checkout)
    failing = tmp_path / "pip"
    failing.write_text("#!/bin/sh\necho 'ERROR: Connection to the index timed out'\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setattr(installing, "_pip", lambda venv: [str(failing)])
    monkeypatch.setattr(installing.shutil, "which", lambda name: None)
    lock = checkout / "requirements.lock"

    with pytest.raises(InstallError) as caught:
        install(checkout, checkout / ".venv", lock)

    assert "    ERROR: Connection to the index timed out" in str(caught.value)
    assert "Check the network" in str(caught.value)
    assert not stamp.matches(lock)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "lock file names"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("Temporary failure in name resolution", "Check the network"),
        ("something nobody foresaw", "The lines above say why"),
    ],
)
def test_a_failure_comes_with_the_advice_that_fits(said: str, sentence: str) -> None:
    assert sentence in advice([said])


def test_without_any_way_to_install_the_message_names_the_package(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(checkout)

    def fails(argv: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(argv, 1)

    monkeypatch.setattr(installing.subprocess, "run", fails)

    with pytest.raises(InstallError, match="apt install python3-venv"):
        installing._pip(checkout / ".venv")


def test_progress_counts_the_packages_that_this_machine_needs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress(3)
    for line in (
        "Ignoring cbor2: markers 'platform_python_implementation == \"PyPy\"' don't match\n",
        "Collecting redis==8.1.0 (from -r requirements.lock (line 3))\n",
        "Processing /a/mirror/nh3-0.3.8-cp38-abi3-manylinux_2_17_x86_64.whl (from -r …)\n",
        "Installing collected packages: redis, nh3\n",
    ):
        progress.read(line)

    assert capsys.readouterr().err.splitlines() == [
        "[1/2] redis 8.1.0",
        "[2/2] nh3 0.3.8",
        "Installing 2 packages",
    ]


def test_the_top_of_manage_py_parses_on_old_interpreters() -> None:
    # What Python 2 and 3.6 refuse: annotations, f-strings with `=`, walrus, the future import.
    source = MANAGE.read_text()
    compile(source, "manage.py", "exec", dont_inherit=True)
    for newer in ("from __future__ import annotations", ":=", 'f"', "->", "match "):
        assert newer not in source


def test_no_lock_file_names_an_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (MANAGE.parent / name).read_text()
        assert "://" not in text
        assert "--index" not in text


@pytest.mark.slow
def test_from_a_bare_checkout_to_a_running_command(tmp_path: Path) -> None:
    """A real environment, made by the interpreter at hand, from a lock file with one package."""
    root = MANAGE.parent
    (tmp_path / "vibe").mkdir()
    (tmp_path / "vibe" / "__init__.py").touch()
    parts = [str(root / "vibe" / name) for name in ("bootstrap", "client")]
    subprocess.run(["cp", "-r", *parts, str(tmp_path / "vibe")], check=True)
    (tmp_path / "manage.py").write_text(MANAGE.read_text())
    (tmp_path / "vibe" / "commandline.py").write_text(
        "def run(argv):\n    import whitenoise, sys; print(sys.prefix, argv[1:])\n"
    )
    lines = (root / "requirements.lock").read_text().splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.startswith("whitenoise=="))
    last = next(i for i, line in enumerate(lines[first:], first) if "# via" in line)
    (tmp_path / "requirements.lock").write_text("".join(lines[first:last]))
    environment = {k: v for k, v in os.environ.items() if k not in ("VIBE_BOOTSTRAP",)}
    base = os.path.join(sys.base_prefix, "bin", f"python3.{sys.version_info[1]}")
    argv = [base, str(tmp_path / "manage.py"), "up", "--x"]

    first_run = subprocess.run(
        argv, env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    began = time.monotonic()
    second_run = subprocess.run(
        argv, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert first_run.stdout.strip() == f"{tmp_path / '.venv'} ['up', '--x']", first_run.stderr
    assert second_run.stdout == first_run.stdout
    assert second_run.stderr == ""
    assert time.monotonic() - began < 5
    recorded = json.loads((tmp_path / ".venv" / "vibe-stamp.json").read_text())
    assert list(recorded["locks"]) == ["requirements.lock"]
    client = [str(tmp_path / ".venv" / "bin" / "vibe"), "--help"]
    said = subprocess.run(client, capture_output=True, text=True, cwd="/", check=True).stdout
    assert "Sandboxes of a Vibe server" in said
