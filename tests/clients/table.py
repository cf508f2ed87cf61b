"""The tables of docs/vercel-compatibility.md."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "vercel-compatibility.md"
# Not in the packages' type declarations, or marked as private there.
INTERNAL = {
    "ensureClient", "getCachedOutput", "resume", "doResume", "withResume", "waitForStopAndResume",
    "resolveDefaultUser", "getDefaultUser", "updateRoutes", "ancestorDirsUnderHome",
    "buildUserCommand", "catAsUser", "chmodOrThrow", "chownOrThrow", "primaryGroup", "resolvePath",
    "resolvePrimaryGroup",
}  # fmt: skip
CLASSES = (
    "Sandbox", "Process", "SandboxFilesystem", "SandboxFilesystemBatch", "Snapshot", "Drive",
    "SandboxRuntimeSession", "SandboxUser", "InteractiveSession",
)  # fmt: skip


def rows(client: str) -> dict[str, str]:
    """Of the section whose title ends with `(client)`: what works, by name."""
    section = DOCUMENT.read_text().partition(f"({client})\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| ([A-Za-z_. -]+) \| (yes|yes, as root|no) \|", section, re.M))


def cli_rows() -> dict[str, str]:
    return rows("command line")


def working(client: str, *, as_root: bool) -> set[str]:
    """What has to work on a platform that is root, or is not."""
    said = {"yes", "yes, as root"} if as_root else {"yes"}
    return {name for name, works in rows(client).items() if works in said}
