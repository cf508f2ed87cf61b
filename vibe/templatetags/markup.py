"""Template tags of every page: icons and human units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from vibe.web.kept_files import address

register = template.Library()
_UNITS = ((86_400, "d"), (3600, "h"), (60, "m"))


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite; decoration only, the word beside it carries the meaning."""
    return _drawn(name, css, address("icons/sprite.svg"))


@lru_cache(maxsize=500)  # a long thread has hundreds, of a dozen kinds
def _drawn(name: str, css: str, sprite: str) -> SafeString:
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>', css, sprite, name
    )


@register.simple_tag(takes_context=True)
def shown(context: Context, view: Mapping[str, Any]) -> SafeString:
    """The view's `template`, which has the view's entries for variables.

    For what a page has hundreds of: `include` would copy the context and resolve each entry.
    """
    assert context.template is not None
    found = context.template.engine.get_template(view["template"])
    with context.push(**view):
        return found.render(context)


@register.simple_tag
def module(name: str, nonce: str) -> SafeString:
    """A module's script element, with all that it imports."""
    return format_html('<script type="module" src="{}" nonce="{}"></script>', address(name), nonce)


@register.simple_tag
def sheets(names: str) -> SafeString:
    """The style sheets `css/NAME.css` of names with blanks between them, as one."""
    return format_html(
        '<link rel="stylesheet" href="{}">', address(f"css/{'+'.join(names.split())}.css")
    )


@register.simple_tag
def kept(name: str) -> str:
    """The address of a static file that browsers keep until it changes; of several, joined by +."""
    return address(name)


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds in human units: 60 ms, 0.4 s, 12 s, 3 min 05 s, 2 h 10 min."""
    if seconds is None:
        return ""
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"


@register.filter
def size(count: int | None) -> str:
    """Bytes in human units: 812 B, 4.1 kB, 3.0 MB."""
    if not isinstance(count, int):
        return ""
    value, unit = float(count), "B"
    for following in ("kB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, following
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


@register.filter
def compact(count: int | None) -> str:
    """A count in few characters: 812, 12.4k, 1.2M."""
    number = count or 0
    if number < 1000:
        return str(number)
    if number < 1_000_000:
        return f"{number / 1000:.1f}k"
    return f"{number / 1_000_000:.1f}M"


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A `<time>` that reads relative and tells the absolute time in its title."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        local.strftime("%-d %B %Y, %H:%M:%S"),
        ago((timezone.now() - moment).total_seconds(), local),
    )


@register.simple_tag
def briefly(moment: datetime) -> SafeString:
    """The same in two or three characters, for a narrow list."""
    local = timezone.localtime(moment)
    seconds = max(0.0, (timezone.now() - moment).total_seconds())
    short = next(
        (f"{seconds / unit:.0f}{letter}" for unit, letter in _UNITS if seconds >= unit), "now"
    )
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        local.strftime("%-d %B %Y, %H:%M:%S"),
        short if seconds < 7 * 86_400 else local.strftime("%-d %b"),
    )


def ago(seconds: float, moment: datetime) -> str:
    """How long ago in words, up to a week; then the date."""
    if seconds < 45:
        return "just now"
    if seconds < 3600:
        return f"{max(1, round(seconds / 60))} min ago"
    if seconds < 86_400:
        return f"{round(seconds / 3600)} h ago"
    if seconds < 7 * 86_400:
        return f"{round(seconds / 86_400)} d ago"
    return moment.strftime("%-d %b %Y")
