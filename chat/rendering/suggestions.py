"""What a model suggests to say next, as buttons that send it."""

from __future__ import annotations

import json
import re
from html import escape, unescape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

# At the end of an answer: a fence of this name with one suggestion a line.
FENCE = "suggestions"
MOST = 4
LONGEST = 140
OPENING = "```" + FENCE
_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")

# In the answers of the demo model only suggestions are bold.
_BOLD = re.compile(r"<strong>(.*?)</strong>", re.S)
_TAG = re.compile(r"<[^>]*>")


def apart(text: str) -> tuple[str, list[str]]:
    """The answer without the suggestions at its end, and these."""
    head, opening, block = text.rpartition(OPENING)
    # It begins a line, and nothing follows: an answer that is about such a block stays whole.
    before = head.rpartition("\n")[2]
    body, _, after = block.partition("```")
    if not opening or before.strip() or after.strip() or not body.startswith(("\n", "\r", " ")):
        return text, []
    lines = [_MARK.sub("", line).strip() for line in body.split("\n")]
    fitting = [line for line in dict.fromkeys(lines) if line and len(line) <= LONGEST]
    return head.rstrip(), fitting[:MOST]


def with_buttons(html: SafeString, conversation_id: str) -> SafeString:
    """The cleaned HTML of an answer of the demo model, its suggestions made into buttons."""
    send = reverse("chat:send", args=[conversation_id])

    def button(found: re.Match[str]) -> str:
        marked = found.group(1).replace("<code>", "`").replace("</code>", "`")
        text = unescape(_TAG.sub("", marked))
        values = escape(json.dumps({"message": text}))
        return (
            f'<button type="button" class="suggestion" hx-post="{send}" hx-swap="none" '
            f'hx-vals="{values}">{escape(text.replace("`", ""))}</button>'
        )

    return mark_safe(_BOLD.sub(button, html))  # noqa: S308 - cleaned before, escaped here
