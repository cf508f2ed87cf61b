"""What the person's own open preview has said of the app, where no browser of ours can look.

The script that the preview puts into pages reports errors; that a page is open and well, nobody
says. So an error counts against the app, and silence for nothing.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from django.utils import timezone

from chat.models import Check
from chat.services.problems import listing
from vibe.data.database import in_thread

# An open preview loads the page anew when the files have changed.
PATIENCE, LOOK_SECONDS = 8.0, 0.5
WHAT = "The page in your own preview"


async def told(check: Check) -> dict[str, Any]:
    """A step with the errors of the page that were reported since the turn's end."""
    began = time.monotonic()
    since = check.turn.finished_at or timezone.now()
    while True:
        found = await in_thread(listing.pages_said, check.turn.conversation_id, since)
        seconds = time.monotonic() - began
        if found or seconds > PATIENCE:
            break
        await asyncio.sleep(LOOK_SECONDS)
    step: dict[str, Any] = {"what": WHAT, "outcome": "note", "seconds": round(seconds, 2)}
    step["detail"] = "It has reported no error; whether it is open, it does not say."
    if found:
        # Each has a row among the problems already.
        step.update(outcome="failed", detail="\n".join(one.title for one in found), listed=True)
    return step
