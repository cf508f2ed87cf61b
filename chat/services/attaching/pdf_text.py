"""The text of a PDF, page by page, each by a process that is ended when it takes long."""

from __future__ import annotations

import time
from pathlib import Path

from vibe import bounded

PAGES = 200
# Of all pages together: each may take nearly as long as one is allowed to.
SECONDS = 20.0
_IN_PROCESS = "chat.services.attaching.pdf_pages"


def beginning(path: Path, most: int) -> tuple[str, bool] | None:
    """(its text, about `most` characters at least, and whether there is more).

    None when it cannot be read: broken, locked, or too hard to be read in time.
    """
    count = bounded.text(f"{_IN_PROCESS}:count", str(path))
    if count is None:
        return None
    found: list[str] = []
    until = time.monotonic() + SECONDS
    for number in range(min(int(count), PAGES)):
        page = bounded.text(f"{_IN_PROCESS}:text", str(path), str(number))
        if page is None:
            return "\n\n".join(found), True
        found.append(page.strip())
        if sum(map(len, found)) > most or time.monotonic() >= until:
            break
    return "\n\n".join(found), len(found) < int(count)
