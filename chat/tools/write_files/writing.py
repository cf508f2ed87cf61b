"""Writes files whole, and says what that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chat.tools import difference
from chat.tools.line_ends import is_crlf, with_line_end
from sandboxes.models import Sandbox
from sandboxes.services import files as sandbox_files
from vibe.refusal import Refusal

FILE_LIMIT = 2_000_000
# Characters of all diffs of one call together; further files show their counts alone.
DIFFS_SHOWN = 30_000


def write(sandbox: Sandbox, wanted: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Write these files, (path, content) each; what is to be known of each for its card."""
    before = {path: _present_content(sandbox, path) for path, _ in wanted}
    # Models write \n: a file all of whose lines end by \r\n stays one of those.
    wanted = [
        (path, with_line_end(content, "\r\n") if is_crlf(before[path]) else content)
        for path, content in wanted
    ]
    sandbox_files.write_files(sandbox, [(path, content.encode()) for path, content in wanted])
    return [_facts(path, before[path], content) for path, content in wanted]


def bounded(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with diffs for as many of them as a card shows."""
    left = DIFFS_SHOWN
    found = []
    for file in files:
        left -= len(file["diff"])
        found.append(file if left >= 0 else {**file, "diff": ""})
    return found


def _present_content(sandbox: Sandbox, path: str) -> str:
    try:
        return sandbox_files.read_file(sandbox, path, max_bytes=FILE_LIMIT).decode(errors="replace")
    except Refusal:
        # New, or something that cannot be read: the card then counts every line as added.
        return ""


def _facts(path: str, before: str, after: str) -> dict[str, Any]:
    found = difference.between(before, after)
    return {
        "path": path,
        "lines": found.lines,
        "bytes": len(after.encode()),
        "added": found.added,
        "removed": found.removed,
        "diff": found.diff,
    }
