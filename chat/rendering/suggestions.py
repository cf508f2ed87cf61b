"""What the demo model suggests to say next, as buttons that send it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from html import escape, unescape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

# In its answers only suggestions are bold.
_BOLD = re.compile(r"<strong>(.*?)</strong>", re.S)
_TAG = re.compile(r"<[^>]*>")


def with_buttons(
    html: SafeString, conversation_id: str, *, only: Collection[str] | None = None
) -> SafeString:
    """The cleaned HTML of an answer of the demo model, its suggestions made into buttons.

    `only`: which bold words are suggestions, when not all are.
    """
    send = reverse("chat:send", args=[conversation_id])

    def button(found: re.Match[str]) -> str:
        marked = found.group(1).replace("<code>", "`").replace("</code>", "`")
        text = unescape(_TAG.sub("", marked))
        if only is not None and text not in only:
            return found[0]
        values = escape(json.dumps({"message": text}))
        return (
            f'<button type="button" class="suggestion" hx-post="{send}" hx-swap="none" '
            f'hx-vals="{values}">{escape(text.replace("`", ""))}</button>'
        )

    return mark_safe(_BOLD.sub(button, html))  # noqa: S308 - cleaned before, escaped here
