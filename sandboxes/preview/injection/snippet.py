"""The script itself, as an element of a page, and its name in a policy."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

# In this order, in one scope.
PARTS = ("reach", "words", "faults", "requests", "asks", "place", "sight", "greeting")
# The page is to find itself as its server sent it. Only in the workbench's frame is more to do.
BEGINNING = (
    '(() => { "use strict"; document.currentScript?.remove(); '
    "if (parent === window || parent !== top) return; "
)
END = "})();"


@cache
def text() -> bytes:
    """It stands within the page, in whatever charset that has: ASCII, without remarks, and on one
    line, for the page's own errors name theirs."""
    code = BEGINNING + "".join(_part(name) for name in PARTS) + END
    return code.replace('"WORKBENCH"', json.dumps(settings.PUBLIC_HOST)).encode("ascii")


def _part(name: str) -> str:
    path = finders.find(f"preview/console/{name}.js")
    assert isinstance(path, str)
    lines = (line.strip() for line in Path(path).read_text(encoding="ascii").splitlines())
    return "".join(f"{line} " for line in lines if line and not line.startswith("//"))


@cache
def element() -> bytes:
    return b"<script>" + text() + b"</script>"


@cache
def source() -> bytes:
    digest = base64.b64encode(hashlib.sha256(text()).digest())
    return b"'sha256-" + digest + b"'"
