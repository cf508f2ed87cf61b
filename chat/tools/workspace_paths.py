"""Paths as models write them."""

from __future__ import annotations

import posixpath

from vibe.refusal import Refusal

WORKSPACE = "/vercel/sandbox"


def relative(path: str) -> str:
    """The path relative to the workspace; absolute ones below it are taken too.

    Raises Refusal(invalid) for a path that leaves the workspace or names no file.
    """
    cleaned = path.strip()
    if cleaned == WORKSPACE or cleaned.startswith(WORKSPACE + "/"):
        cleaned = cleaned[len(WORKSPACE) :].lstrip("/") or "."
    normal = posixpath.normpath(cleaned) if cleaned else "."
    if "\x00" in normal or normal.startswith(("/", "../")) or normal == "..":
        raise Refusal(
            f"{path!r} is outside of the workspace.",
            f"Use a path relative to {WORKSPACE}.",
            code="invalid",
        )
    return normal
