"""What the preview of a conversation shows, and how: as it was left, whoever opens it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chat.models import Conversation
from sandboxes.engine.ports import is_usable
from sandboxes.services import previews
from vibe.refusal import Refusal

LONGEST = 2000
SIZES = ("full", "tablet", "phone")
ZOOMS = ("fit", "100", "75", "50")
# What a browser gives to an app in a frame only if who has the frame says so: a person was asked.
FEATURES = (
    "autoplay", "camera", "clipboard-read", "display-capture", "geolocation", "microphone", "midi",
    "orientation-lock", "pointer-lock",
)  # fmt: skip
STANDARD: dict[str, Any] = {
    "port": "",
    "path": "/",
    "size": "full",
    "turned": False,
    "zoom": "fit",
    "features": [],
}


def shown(conversation: Conversation | None) -> dict[str, Any]:
    """All of it, as it is where nobody has chosen anything."""
    return {**STANDARD, **(conversation.preview if conversation else {})}


def remember(conversation: Conversation, changes: Mapping[str, Any]) -> None:
    """Keep them for the next time that the conversation is opened.

    changes: `port` with `path`, `size`, `turned`, `zoom`, `features`, and `console`, which holds
    for the conversation's sandbox. Raises Refusal, and keeps nothing then.
    """
    if not changes or ("port" in changes) != ("path" in changes):
        raise Refusal("It is a port with its path, or how the preview is looked at.")
    for name, value in changes.items():
        if name not in CHECKS or not CHECKS[name](value):
            raise Refusal(WORDS.get(name, "There is no such choice for a preview."))
    kept = {**conversation.preview, **changes}
    if (console := kept.pop("console", None)) is not None and conversation.sandbox is not None:
        previews.catch_console(conversation.sandbox, console)
    if "features" in kept:
        kept["features"] = sorted(set(kept["features"]))
    Conversation.objects.filter(pk=conversation.pk).update(preview=kept)
    conversation.preview = kept


def _is_path(value: Any) -> bool:
    is_one = isinstance(value, str) and value.startswith("/") and "\0" not in value
    return is_one and len(value) <= LONGEST


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _are_features(value: Any) -> bool:
    return isinstance(value, list) and all(one in FEATURES for one in value)


CHECKS: dict[str, Callable[[Any], bool]] = {
    "port": lambda value: type(value) is int and is_usable(value),
    "path": _is_path,
    "size": lambda value: value in SIZES,
    "turned": _is_flag,
    "zoom": lambda value: value in ZOOMS,
    "features": _are_features,
    "console": _is_flag,
}
WORDS = {
    "port": "There is no preview of this port.",
    "path": "This is no path of a preview.",
    "features": f"An app can be allowed {', '.join(FEATURES)}.",
}
