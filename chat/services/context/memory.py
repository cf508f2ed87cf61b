"""The memory of a workspace: AGENTS.md and CLAUDE.md, which people and models write in it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from chat.models import Conversation
from chat.services.storable import storable
from sandboxes.models import Sandbox
from sandboxes.services import files
from vibe.refusal import Code, Refusal

logger = logging.getLogger(__name__)

# In the order in which the model is told of them; the first is the one that is added to.
FILES = ("AGENTS.md", "CLAUDE.md")
READ_LIMIT = 1_000_000
# Characters that the model is told of one file, and of all.
FILE_LIMIT = 24_000
TOTAL_LIMIT = 40_000
NESTED = 20
SENTENCE_LIMIT = 2_000
HEADING = "## Remembered"
ATTEMPTS = 3


@dataclass(frozen=True)
class MemoryFile:
    """`version` is "" for a file that is not there; `why` says why one cannot be read."""

    path: str
    text: str = ""
    version: str = ""
    why: str = ""

    @property
    def exists(self) -> bool:
        return bool(self.version)


@dataclass(frozen=True)
class Memory:
    """What the model is told: (path, text) of the files at the root, the paths of those deeper,
    and in words what is missing of them."""

    told: list[tuple[str, str]] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read(conversation: Conversation, most: int = TOTAL_LIMIT) -> Memory:
    """What the workspace tells the model, within `most` characters. Never raises: a turn begins
    whether or not its memory can be read."""
    sandbox = _sandbox(conversation)
    if sandbox is None:
        return Memory()
    found = Memory()
    room = min(most, TOTAL_LIMIT)
    seen: set[str] = set()
    for path in FILES:
        one = look(sandbox, path)
        if one.why:
            found.left_out.append(f"{path} was not read: {one.why}")
        text = one.text.strip()
        if not text or text in seen or text == f"@{FILES[0]}":
            continue
        seen.add(text)
        shown = text[: max(0, min(FILE_LIMIT, room))]
        room -= len(shown)
        if len(shown) < len(text):
            found.left_out.append(
                f"{path} has {len(text):,} characters; the model is told the first {len(shown):,}."
            )
        if shown:
            found.told.append((path, shown))
    found.nested.extend(_nested(sandbox))
    return found


def look(sandbox: Sandbox, path: str) -> MemoryFile:
    """One of the FILES as it is now, with the version that a change of it has to name."""
    try:
        with files.open_file(sandbox, path, max_bytes=READ_LIMIT) as reading:
            version = reading.info.version if reading.info else ""
            data = b"".join(reading)
    except Refusal as error:
        if error.code == Code.NOT_FOUND:
            return MemoryFile(path)
        return MemoryFile(path, why=error.message)
    except Exception:
        # Failures on the way, which are the engine's.
        logger.exception("%s of sandbox %s cannot be read", path, sandbox.pk)
        return MemoryFile(path, why="It cannot be read at the moment.")
    if b"\x00" in data:
        return MemoryFile(path, version=version, why="It is not a text file.")
    return MemoryFile(path, storable(data.decode(errors="replace")), version)


def listed(conversation: Conversation) -> list[MemoryFile]:
    """The FILES, for the panel. Raises Refusal(conflict) where there is no sandbox."""
    sandbox = sandbox_of(conversation)
    return [look(sandbox, path) for path in FILES]


def change(conversation: Conversation, path: str, text: str, *, expect: str) -> str:
    """Write one of the FILES over the version `expect` ("" for a new one); returns its version.

    Raises Refusal: not_found for another path, conflict where the file has changed meanwhile.
    """
    if path not in FILES:
        raise Refusal(
            f"{path} is no file of the memory.",
            f"There are {' and '.join(FILES)}.",
            code="not_found",
        )
    data = storable(text).replace("\r\n", "\n").encode()
    if len(data) > READ_LIMIT:
        raise Refusal(
            f"{path} would have {len(data):,} bytes.", f"{READ_LIMIT:,} is the limit.", code="limit"
        )
    return files.write_file(sandbox_of(conversation), path, [data], expect=expect)


def remember(conversation: Conversation, words: str) -> str:
    """Add a line to AGENTS.md, making it where it is not; returns the line. What another writes at
    the same time is kept. Raises Refusal: invalid, limit, conflict."""
    line = " ".join(storable(words).split())
    if not line:
        raise Refusal("There is nothing to remember.", "Say what it is.", code="invalid")
    if len(line) > SENTENCE_LIMIT:
        raise Refusal(
            f"That is {len(line):,} characters; {SENTENCE_LIMIT:,} is the limit.",
            "Remember a sentence, or write AGENTS.md yourself.",
            code="limit",
        )
    sandbox = sandbox_of(conversation)
    for attempt in range(ATTEMPTS):
        present = look(sandbox, FILES[0])
        if present.why:
            raise Refusal(
                f"{FILES[0]} cannot be added to. {present.why}",
                "Look at it in the files.",
                code="conflict",
            )
        data = _with_line(present.text, line).encode()
        try:
            files.write_file(sandbox, FILES[0], [data], expect=present.version)
        except Refusal as error:
            if error.code != Code.CONFLICT or attempt == ATTEMPTS - 1:
                raise
        else:
            break
    return line


def _with_line(text: str, line: str) -> str:
    """The text with the line at the end of its section of remembered ones."""
    bullet = f"- {line}"
    lines = text.rstrip().split("\n") if text.strip() else []
    if HEADING not in lines:
        return "\n".join([*lines, *([""] if lines else []), HEADING, "", bullet, ""])
    end = lines.index(HEADING) + 1
    while end < len(lines) and not lines[end].startswith("#"):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    if lines[end - 1] == HEADING:
        bullet = f"\n{bullet}"
    return "\n".join([*lines[:end], bullet, *lines[end:], ""])


def sandbox_of(conversation: Conversation) -> Sandbox:
    sandbox = _sandbox(conversation)
    if sandbox is None:
        raise Refusal(
            "This conversation has no sandbox yet, so there is nowhere to write.",
            "Ask for something to be built first. What holds everywhere goes into your settings.",
            code="conflict",
        )
    return sandbox


def _sandbox(conversation: Conversation) -> Sandbox | None:
    sandbox = conversation.sandbox
    return None if sandbox is None or sandbox.deleted_at is not None else sandbox


def _nested(sandbox: Sandbox) -> list[str]:
    try:
        found, _, _ = files.search(sandbox, FILES[0], where="names", case=True, limit=NESTED * 2)
    except Refusal:
        return []
    except Exception:
        logger.exception("Nested memory of sandbox %s cannot be found", sandbox.pk)
        return []
    paths = [
        one.path for one in found if one.path.endswith(f"/{FILES[0]}") and one.path.isprintable()
    ]
    return sorted(path for path in paths if len(path) < 300)[:NESTED]
