"""What one user may have in all, and what the disk keeps free for the platform."""

from __future__ import annotations

from vibe import env

SANDBOXES_PER_USER = env.integer(
    "VIBE_SANDBOXES_PER_USER",
    20,
    help="Sandboxes that one user may have running at once; 0: no limit.",
)
SANDBOXES_KEPT_PER_USER = env.integer(
    "VIBE_SANDBOXES_KEPT_PER_USER",
    200,
    help="Sandboxes that one user may keep, running or not; 0: no limit.",
)
COMMANDS_PER_USER = env.integer(
    "VIBE_COMMANDS_PER_USER",
    1_200,
    help="Commands and terminals of one user that run or wait at once; 0: no limit.",
)
SNAPSHOTS_PER_USER = env.integer(
    "VIBE_SNAPSHOTS_PER_USER", 100, help="Snapshots that one user may keep; 0: no limit."
)
STOP_SNAPSHOTS_KEPT = env.integer(
    "VIBE_STOP_SNAPSHOTS_KEPT",
    3,
    help="Snapshots kept of each sandbox that were made when it stopped; at least 1.",
)
DRIVES_PER_USER = env.integer(
    "VIBE_DRIVES_PER_USER", 20, help="Drives that one user may have; 0: no limit."
)
DISK_PER_USER_MB = env.integer(
    "VIBE_DISK_PER_USER_MB",
    20_480,
    help="MB of one user's sandboxes, snapshots, drives, attachments together; 0: no limit.",
)
LOG_PER_USER_MB = env.integer(
    "VIBE_LOG_PER_USER_MB",
    2_048,
    help="MB of output kept of one user's ended commands; 0: no limit.",
)
CONVERSATIONS_PER_USER = env.integer(
    "VIBE_CONVERSATIONS_PER_USER",
    2_000,
    help="Conversations that one user may keep; 0: no limit.",
)
TURNS_PER_CONVERSATION = env.integer(
    "VIBE_TURNS_PER_CONVERSATION",
    1_000,
    help="Turns that one conversation may have; 0: no limit.",
)
PROVIDERS_PER_USER = env.integer(
    "VIBE_PROVIDERS_PER_USER", 20, help="Model providers of one user's own; 0: no limit."
)
MODELS_PER_USER = env.integer(
    "VIBE_MODELS_PER_USER", 500, help="Models of one user's own providers; 0: no limit."
)
TOOL_SERVERS_PER_USER = env.integer(
    "VIBE_TOOL_SERVERS_PER_USER", 20, help="Servers of tools of one user's own; 0: no limit."
)
WEBHOOK_MESSAGES_PER_USER = env.integer(
    "VIBE_WEBHOOK_MESSAGES_PER_USER",
    5_000,
    help="Messages to one user's webhooks that may wait; further ones are dropped; 0: no limit.",
)
ROWS_PER_USER = env.integer(
    "VIBE_ROWS_PER_USER",
    20_000,
    help="Ended commands kept of one user, and as many sessions, events, messages; 0: no limit.",
)
BROWSERS_PER_USER = env.integer(
    "VIBE_BROWSERS_PER_USER",
    50,
    help="Browsers that one user may be signed in with; 0: no limit.",
)
ADMINISTRATORS_WITHOUT_QUOTAS = env.flag(
    "VIBE_ADMINISTRATORS_WITHOUT_QUOTAS", help="Let quotas hold for nobody who is a superuser."
)
DISK_RESERVE_MB = env.integer(
    "VIBE_DISK_RESERVE_MB",
    -1,
    help="MB of the disk that sandboxes leave free; 0: none; -1: 5 % of it, 1 to 10 GB.",
)
