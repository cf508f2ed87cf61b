"""What people may attach to their messages."""

from __future__ import annotations

from vibe import env

ATTACHMENT_MB = env.integer(
    "VIBE_ATTACHMENT_MB", 100, help="Size in MB of one file that is attached to a message."
)
ATTACHMENTS_PER_MESSAGE = env.integer(
    "VIBE_ATTACHMENTS_PER_MESSAGE", 20, help="Files that one message may have attached."
)
ATTACHMENTS_PER_USER = env.integer(
    "VIBE_ATTACHMENTS_PER_USER",
    5_000,
    help="Attachments of messages that one user may keep; 0: no limit.",
)
