"""Files of the pages under addresses that say their content, so that browsers keep them for good.

`/static/kept/DIGEST/css/base+controls.css` is several files in one, `…/js/page.js` a module with
all that it imports. All is made when it is first asked for and held in memory, compressed.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

from vibe.web import bundles

PREFIX = f"{settings.STATIC_URL}kept/"
_NAME = re.compile(r"(?P<folder>(?:[\w-]+/)+)(?P<stems>[\w.-]+(?:\+[\w.-]+){0,40})\.(?P<kind>\w+)")
# Found by their place beside others, which an address of its own would take them from.
_RELATIVE = re.compile(rb"""(?:\bfrom|\bimport\s*\(?)\s*["']\.|url\(\s*["']?(?!data:|#|["'])""")
_TEXT = {"css", "js", "mjs", "svg"}
# Every combination that pages ask for, and room for those that somebody makes up.
_HELD = 256


@dataclass(frozen=True)
class Kept:
    """What is sent, and what it says."""

    body: bytes
    compressed: bytes
    digest: str
    content_type: str


def address(name: str) -> str:
    """Where a page asks for a static file, for several (`css/a+b.css`) or for a module."""
    kept = find(name)
    return f"{PREFIX}{kept.digest}/{name}" if kept else static(name)


def find(name: str) -> Kept | None:
    """What the name stands for; None where nothing does, or where it must stay in its folder."""
    return _made(name, _state())


def _state() -> str:
    """Pages that reload by themselves are made of files that change."""
    try:
        return str(settings.RELOAD_FILE.read_text(encoding="ascii")) if settings.RELOAD else ""
    except OSError:
        return ""


@lru_cache(maxsize=_HELD)
def _made(name: str, _of_state: str) -> Kept | None:
    asked = _NAME.fullmatch(name)
    if not asked or ".." in name or asked["kind"] not in _TEXT:
        return None
    try:
        if asked["folder"] == bundles.OWN and asked["kind"] == "js":
            body = bundles.joined(name, _text, address).encode()
        else:
            stems = asked["stems"].split("+")
            paths = [_path(f"{asked['folder']}{stem}.{asked['kind']}") for stem in stems]
            body = b"\n".join(path.read_bytes() for path in paths)
            if _RELATIVE.search(body) and asked["kind"] != "svg":
                return None
    except FileNotFoundError:
        return None
    kind = mimetypes.guess_type(f"x.{asked['kind']}")[0] or "text/javascript"
    return Kept(
        body=body,
        compressed=gzip.compress(body, 9, mtime=0),
        digest=hashlib.sha256(body).hexdigest()[:16],
        content_type=f"{kind}; charset=utf-8",
    )


def _text(name: str) -> str:
    return _path(name).read_text(encoding="utf-8")


def _path(name: str) -> Path:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found)
