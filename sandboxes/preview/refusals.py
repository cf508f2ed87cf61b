"""Why somebody may not enter a preview, in words; and the mark of who has been told whose it is."""

from __future__ import annotations

from django.utils.crypto import constant_time_compare, salted_hmac

from sandboxes.preview.host import Target
from sandboxes.preview.reasons import Reason

PRIVATE = Reason(
    401,
    "unauthorized",
    "This preview is private",
    "Open its page in a browser that is signed in to Vibe. A program shows an API key in the "
    "header X-Vibe-Key. What a page elsewhere is to ask for needs a port that is public.",
)
WRONG_KEY = Reason(
    401,
    "unauthorized",
    "This API key does not work here",
    "It is wrong, revoked or expired, or it may not look at sandboxes. Show another in X-Vibe-Key.",
)
OTHER_KEY = Reason(
    403,
    "denied",
    "This preview belongs to somebody else",
    "The API key is of a user to whom it is not open. Ask its owner to share it.",
)
USED_UP = Reason(
    403,
    "denied",
    "This way in is used up",
    "A way in works once, at once, and in the browser that asked for it. If it keeps saying so, "
    "the browser keeps no cookies for this address.",
    link=("/", "Open the preview again"),
)
DEAD_LINK = Reason(
    403,
    "denied",
    "This link does not work any more",
    "It was taken back, it has expired, or a part of it is missing. Ask whoever gave it to you for "
    "another.",
)
SIGNED_OUT = Reason(
    401,
    "unauthorized",
    "You are signed out",
    "This preview is private. Sign in to Vibe again, then reload it.",
)
NOT_YOURS = Reason(
    403,
    "denied",
    "This preview is private",
    "It is not open to who is signed in to Vibe here. Ask its owner to share it.",
)
TOLD_BY_THE_PLATFORM = {"signed-out": SIGNED_OUT, "not-yours": NOT_YOURS}
FOREIGN_FORM = Reason(
    403,
    "denied",
    "This was asked for by another page",
    "Open the preview in a tab, and go on from there.",
    link=("/", "Open the preview"),
)


def mark(target: Target) -> str:
    """What the browser keeps once somebody has been told whose app it is."""
    named = f"{target.sandbox_id}:{target.port}"
    return salted_hmac("sandboxes.preview_seen", named, algorithm="sha256").hexdigest()[:40]


def is_mark(shown: str, target: Target) -> bool:
    return bool(shown) and constant_time_compare(shown, mark(target))
