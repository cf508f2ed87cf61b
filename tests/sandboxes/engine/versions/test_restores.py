"""A restore gives exactly what was saved, also when it is cut off at any moment."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from sandboxes.engine.versions import applying, process
from sandboxes.engine.versions.applying import apply
from sandboxes.engine.versions.bounds import Bounds
from sandboxes.engine.versions.process import VersionFailed
from sandboxes.engine.versions.staging import Staging
from tests.fixtures.length import length
from tests.sandboxes.engine.versions.workspaces import Workspace


def change(workspace: Workspace, dice: random.Random) -> None:
    """Something that a program in a sandbox might do."""
    for _ in range(dice.randint(1, 10)):
        path = workspace.path.joinpath(*(dice.choice("abcd") for _ in range(dice.randint(1, 4))))
        try:
            match dice.randrange(7):
                case 0 | 1 | 2:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(dice.randbytes(dice.randint(0, 60)))
                case 3:
                    path.mkdir(parents=True)
                case 4:
                    # Who is not root cannot look into a directory that he may not search.
                    modes = [0o700, 0o755] if path.is_dir() else [0o600, 0o644, 0o700, 0o755]
                    path.chmod(dice.choice(modes))
                case 5:
                    # Never out of the workspace: what follows writes through it, perhaps as root.
                    path.symlink_to(dice.choice(["/nowhere/at/all", ".", "a"]))
                case _:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        except OSError:
            continue
    (workspace.path / "app.sqlite3").write_bytes(dice.randbytes(50))


@pytest.mark.parametrize("seed", [1, 2])
def test_any_earlier_state_comes_back_byte_for_byte(workspace, seed):
    dice = random.Random(seed)
    known = []
    for _ in range(15):
        if known and dice.random() < 0.45:
            version, described = dice.choice(known)
            made = workspace.restore(version)["after"]
            assert workspace.described() == described
            assert "blocked" not in made["left_out"]
            known.append((made, described))
        else:
            change(workspace, dice)
            known.append((workspace.record(), workspace.described()))


def test_a_restore_can_be_taken_back(workspace):
    workspace.write(a="one", gone="x")
    first = workspace.record()
    workspace.write(a="two", more___deep="y")
    (workspace.path / "gone").unlink()
    present = workspace.described()
    workspace.restore(workspace.restore(first)["before"])
    assert workspace.described() == present


def test_data_stays_where_it_is_to_be_kept(workspace):
    workspace.write(app__db="old")
    first = workspace.record()
    workspace.write(app__db="new", code="x")
    workspace.restore(first, keep_data=True)
    assert (workspace.path / "app.db").read_text() == "new"
    assert not (workspace.path / "code").exists()


def test_a_restore_that_is_asked_for_again_after_a_crash_still_knows_what_was_before(workspace):
    workspace.write(a="one")
    old = workspace.record()
    workspace.write(a="two")
    present = workspace.record()
    names = {"name": "after", "before": "before", "base": "", "keep_data": False}
    first = process.restore(workspace.place, old["commit"], **names, bounds=Bounds())
    again = process.restore(workspace.place, old["commit"], **names, bounds=Bounds())
    assert again["before"]["commit"] == first["before"]["commit"]
    process.settle(workspace.place)
    workspace.restore(again["before"])
    assert workspace.record(base=present["commit"])["differs"] is False


class Cut(BaseException):
    """The moment in which the process is killed."""


def test_cut_off_after_any_step_it_is_finished_by_the_next_start(workspace, monkeypatch):
    workspace.write(a="1", b___c="1", b___d="1", gone="1")
    (workspace.path / "empty").mkdir()
    old = workspace.record()
    was = workspace.described()
    shutil.rmtree(workspace.path / "b")
    workspace.write(a="2", b="2", e___f="2")
    workspace.record()
    original, cuts = applying._Place.do, 0

    def restore_cut_at(number: int) -> bool:
        """Whether there was a step with this number."""
        done = 0

        def do(place, step):
            nonlocal done
            if done == number:
                raise Cut
            done += 1
            original(place, step)

        monkeypatch.setattr(applying._Place, "do", do)
        top = os.open(workspace.path, os.O_DIRECTORY)
        try:
            apply(top, Staging(workspace.place.staging))
        except Cut:
            return True
        finally:
            monkeypatch.setattr(applying._Place, "do", original)
            os.close(top)
        return False

    present = workspace.record()
    number = 0
    while True:
        monkeypatch.setattr("sandboxes.engine.versions.restoring.apply", stop)
        with pytest.raises(Cut):
            restore_here(workspace, old, f"v-{number}")
        monkeypatch.undo()
        if not restore_cut_at(number):
            break
        cuts += 1
        assert process.finish(workspace.place)
        assert workspace.described() == was
        process.settle(workspace.place)
        workspace.restore(present)
        number += 1
    assert cuts > 5


def stop(*_: object) -> None:
    raise Cut


def restore_here(workspace: Workspace, version: dict, name: str) -> None:
    """In this process, so that it can be cut off."""
    from sandboxes.engine.versions.recording import record
    from sandboxes.engine.versions.restoring import restore
    from sandboxes.engine.versions.store import Store

    store = Store(workspace.place.repository, process.git())
    top = os.open(workspace.path, os.O_DIRECTORY)
    try:
        restore(
            store,
            top,
            Staging(workspace.place.staging),
            version["commit"],
            before=f"b{name}",
            after=name,
            keep_data=False,
            record=lambda made, also: record(
                store, top, made, cache=workspace.place.cache, bounds=Bounds(), when=0, also=also
            ),
        )
    finally:
        os.close(top)


def killed_restores(workspace: Workspace, count: int) -> None:
    """Restores whose program is killed after a while: old or new, never a mixture."""
    dice = random.Random(3)
    for number in range(60):
        workspace.write(**{f"d{number % 7}___f{number}": "old" * number})
    old, was = workspace.record(), workspace.described()
    for path in workspace.path.rglob("f*"):
        path.write_text("new")
    workspace.write(only_new="x")
    new, is_now = workspace.record(), workspace.described()
    for number in range(count):
        name = f"k{number}"

        def restore(version=old, name=name) -> None:
            process.restore(
                workspace.place, version["commit"], name=name, before=f"{name}b", base="",
                keep_data=False, bounds=Bounds(),
            )  # fmt: skip

        killer = threading.Timer(dice.uniform(0.05, 0.4), kill_programs)
        killer.start()
        try:
            restore()
        except VersionFailed:
            process.finish(workspace.place)
            assert workspace.described() in (was, is_now)
            restore()
        killer.cancel()
        killer.join()
        assert workspace.described() == was
        process.settle(workspace.place)
        workspace.restore(new)
        assert workspace.described() == is_now


def kill_programs() -> None:
    """Those of this process that make or restore a version."""
    told = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())],
                          capture_output=True, text=True, check=False).stdout  # fmt: skip
    for line in told.splitlines():
        pid, _, arguments = line.strip().partition(" ")
        if "versions.program" in arguments and Path(f"/proc/{pid}").exists():
            os.kill(int(pid), signal.SIGKILL)


def test_a_killed_restore_leaves_the_old_or_the_new_files(workspace):
    killed_restores(workspace, 4)


@pytest.mark.battery
def test_many_killed_restores_leave_the_old_or_the_new_files(workspace):
    killed_restores(workspace, length(10, 30))
