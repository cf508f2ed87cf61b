"""Links by which others read a conversation."""

from __future__ import annotations

from vibe import env

SHARE_LINKS = env.flag(
    "VIBE_SHARE_LINKS",
    True,
    help="Whether conversations can be shared by link; off: links that there are end too.",
)
SHARE_LINK_DAYS = env.integer(
    "VIBE_SHARE_LINK_DAYS", 90, help="Days that a link to a conversation may live at most."
)
