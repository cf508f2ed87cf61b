"""Pieces of HTML as htmx puts them into a page that is open."""

from __future__ import annotations

from django.template.loader import render_to_string


def partial(html: str, target: str, swap: str = "outerMorph") -> str:
    """`html` as htmx puts it into the page: at the CSS selector `target`."""
    return f'<hx-partial hx-target="{target}" hx-swap="{swap}">{html}</hx-partial>'


def notice(text: str, *, hint: str = "", tone: str = "error") -> str:
    """A notice in the corner of the page, as a partial."""
    html = render_to_string("vibe/_notice.html", {"text": text, "hint": hint, "tone": tone})
    return partial(html, "#notices", "beforeend")
