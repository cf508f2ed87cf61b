"""The file API under a race: a program swaps directories and links while the host works."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandboxes.engine import EngineError, FileError, FileOperations, StoppedFiles
from tests.fixtures.length import length
from tests.fixtures.waiting import PATIENCE, until
from tests.sandboxes.engine.boxes import Box

SECONDS = length(5, 30)
ENOUGH = 10
SECRET = "canary-" + secrets.token_hex(16)
# Makes `way` and `f` be by turns what they should be and a link that leads out.
SWAPPER = """
import os, itertools
os.makedirs('real', exist_ok=True)
for name in ('f', 'g'):
    open('real/' + name, 'w').write('inside')
for n, target in enumerate(itertools.cycle(TARGETS)):
    for name in ('way', 'f'):
        new = f'.new-{name}'
        try: os.unlink(new)
        except FileNotFoundError: pass
        except IsADirectoryError: os.rmdir(new)
        os.symlink(target + ('/f' if name == 'f' else ''), new)
        os.rename(new, name)
    # A real directory in the place of the link, and back.
    os.unlink('way')
    os.mkdir('way')
    open('way/f', 'w').write('inside')
    os.unlink('way/f')
    try: os.rmdir('way')
    except OSError:
        os.system('rm -rf way')
    if n == 50: open('swapping', 'w').close()
"""


def attacked(box: Box, targets: list[str]) -> Path:
    """A directory of the host that the sandbox's user could read and write, and a swapper that
    points there."""
    outside = box.spec.root / "outside"
    outside.mkdir()
    outside.chmod(0o777)
    for name in ("f", "g"):
        (outside / name).write_text(SECRET)
        (outside / name).chmod(0o666)
    box.begin("python3", "-c", f"TARGETS = {targets!r}\n{SWAPPER}")
    until(lambda: (box.workspace / "swapping").exists())
    return outside


def operations(files: FileOperations) -> Iterator[Callable[[], object]]:
    """Every kind of operation, over and over, through what is swapped."""
    while True:
        yield lambda: files.read_file("way/f", 1000)
        yield lambda: files.read_file("f", 1000)
        yield lambda: files.write_files([("way/f", b"written", None)])
        yield lambda: files.write_files([("way/new/deep", b"written", None)])
        yield lambda: files.write_file("f", [b"written"], append=True)
        yield lambda: files.make_directory("way/made")
        yield lambda: files.set_mode("way/f", 0o600)
        yield lambda: files.move("way/f", "way/moved", overwrite=True)
        yield lambda: files.copy("way", f"copies/{secrets.token_hex(4)}")
        yield lambda: files.remove("copies", recursive=True)
        yield lambda: files.remove("way/g")
        yield lambda: files.remove("way", recursive=True)
        yield lambda: files.list_files("way")
        yield lambda: files.search("canary", path=".")
        yield lambda: packed(files)


def packed(files: FileOperations) -> bytes:
    with files.pack(".", "tar") as reading:
        return b"".join(reading)


def race(box: Box, files: FileOperations, outside: Path) -> dict[str, int]:
    """Work for SECONDS, longer where hardly any operation goes through; how many there were, and
    how many went through."""
    counts = {"all": 0, "done": 0}
    began = time.monotonic()
    for operation in operations(files):
        passed = time.monotonic() - began
        if passed > SECONDS and (counts["done"] > ENOUGH or passed > PATIENCE):
            break
        counts["all"] += 1
        try:
            result = operation()
        except FileError:
            pass
        except EngineError as error:
            pytest.fail(f"the race has broken the protocol: {error}")
        else:
            counts["done"] += 1
            assert SECRET not in repr(result), "something outside of the workspace was read"
        assert sorted(path.name for path in outside.iterdir()) == ["f", "g"]
    for name in ("f", "g"):
        assert (outside / name).read_text() == SECRET, "something outside was written"
        assert (outside / name).stat().st_mode & 0o777 == 0o666
    assert counts["done"] > ENOUGH, f"the race was no race: {counts}"
    print(f"{counts['all']} operations under the race, {counts['done']} went through")
    return counts


@pytest.mark.battery
def test_no_race_leads_out_of_the_directories_of_a_stopped_sandbox(isolated: Box) -> None:
    """It runs here, as it would not when stopped: whoever swaps has to live somewhere."""
    real = str(isolated.spec.root / "outside")
    outside = attacked(isolated, ["../outside", real, "/vercel/sandbox/real", "real"])
    race(isolated, StoppedFiles(isolated.spec.root, isolated.spec.limits), outside)


@pytest.mark.battery
def test_no_race_leads_out_of_a_running_sandbox(isolated: Box) -> None:
    """The agent lives in the sandbox's mount namespace, where there is no way out."""
    real = str(isolated.spec.root / "outside")
    outside = attacked(isolated, ["../../../outside", real, "../outside", "real"])
    race(isolated, isolated.files, outside)
