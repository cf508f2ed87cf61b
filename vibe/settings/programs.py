"""What programs that use the platform may do."""

from __future__ import annotations

from vibe import env

API_RATE = env.integer(
    "VIBE_API_RATE", 6000, help="Requests a minute that one API key may send; 0: no limit."
)

WEBHOOK_PRIVATE = env.flag(
    "VIBE_WEBHOOK_PRIVATE", help="Let webhooks lead to private addresses and to this machine."
)
