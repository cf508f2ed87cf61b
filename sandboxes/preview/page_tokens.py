"""The look of the platform's own pages at a preview's host."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe


@cache
def tokens() -> SafeString:
    """The platform's colours and type, to stand within the page: it must not fetch any."""
    path = finders.find("css/tokens.css")
    assert isinstance(path, str)
    return mark_safe(Path(path).read_text(encoding="utf-8"))  # noqa: S308 - our own sheet
