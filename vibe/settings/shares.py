"""What one user, or one sandbox, may have under way at once."""

from __future__ import annotations

from vibe import env

CONNECTIONS_PER_USER = env.integer(
    "VIBE_CONNECTIONS_PER_USER",
    1000,
    help="WebSockets, streams and waiting requests that one user may have open.",
)
TURNS_PER_USER = env.integer(
    "VIBE_TURNS_PER_USER", 20, help="Turns of one user that may be under way at once."
)
PREVIEW_REQUESTS = env.integer(
    "VIBE_PREVIEW_REQUESTS",
    64,
    help="Requests to one sandbox's servers at once; further ones wait 20 s.",
)
PREVIEW_SOCKETS = env.integer(
    "VIBE_PREVIEW_SOCKETS",
    1000,
    help="WebSockets to one sandbox's servers at once; further ones are refused.",
)
PREVIEW_MESSAGE_MB = env.integer(
    "VIBE_PREVIEW_MESSAGE_MB",
    64,
    help="Size in MiB of one WebSocket message that a preview passes on, in either direction.",
)
