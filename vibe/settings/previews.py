"""What previews do besides passing on what servers answer."""

from __future__ import annotations

from vibe import env

PREVIEW_CONSOLE = env.flag(
    "VIBE_PREVIEW_CONSOLE",
    True,
    help="Pages in the workbench's preview get a script that tells it their console.",
)
