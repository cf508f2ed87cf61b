"""Where recordings lie: some come with the project, others in a directory of this platform's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from chat.providers.recordings.form import Recording, UnreadableRecording, read

SHIPPED = Path(__file__).parent / "shipped"
RECORDED = "recorded"
PREFIX = f"{RECORDED}:"
FILE_LIMIT = 2 << 20
# Every page that lists models reads so many at most.
LISTED_LIMIT = 50
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True)
class Listed:
    """A recording to choose; `reason` says why it cannot be played."""

    name: str
    title: str
    reason: str = ""

    @property
    def model_id(self) -> str:
        return f"{PREFIX}{self.name}"


def is_recorded(model_id: str) -> bool:
    return model_id.startswith(PREFIX)


def listed() -> list[Listed]:
    """The recordings, those that come with the project first."""
    return [_listed(name, file) for name, file in list(_files().items())[:LISTED_LIMIT]]


def find(name: str) -> Recording | None:
    """The recording of this name, None without one. Raises UnreadableRecording."""
    file = _files().get(name)
    return _read(file) if file else None


def _files() -> dict[str, Path]:
    """{name: file}; where both directories have a name, the platform's own file counts."""
    return {
        file.stem: file
        for folder in (SHIPPED, settings.RECORDINGS_DIR)
        for file in sorted(_in(folder))
        if _NAME.fullmatch(file.stem)
    }


def _in(folder: Path) -> list[Path]:
    try:
        return [file for file in folder.iterdir() if file.suffix == ".json"]
    except OSError:
        return []


def _listed(name: str, file: Path) -> Listed:
    try:
        return Listed(name, _read(file).title)
    except UnreadableRecording as error:
        return Listed(name, name, str(error))


def _read(file: Path) -> Recording:
    try:
        facts = file.stat()
        if facts.st_size > FILE_LIMIT:
            raise UnreadableRecording(f"The file is larger than {FILE_LIMIT >> 20} MB.")
        found = _parsed(file, facts.st_mtime_ns, facts.st_size)
    except (OSError, UnicodeDecodeError):
        raise UnreadableRecording("The file cannot be read.") from None
    if isinstance(found, str):
        raise UnreadableRecording(found)
    return found


@lru_cache(maxsize=2 * LISTED_LIMIT)
def _parsed(file: Path, _changed: int, _size: int) -> Recording | str:
    """The recording, or why the file is none."""
    try:
        return read(file.read_text("utf-8"))
    except UnreadableRecording as error:
        return str(error)
