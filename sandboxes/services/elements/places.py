"""The files in which an element may be written, and the one that a development build names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from sandboxes.engine import FileEntry
from sandboxes.models import Sandbox
from sandboxes.services import files
from sandboxes.services.elements.element import Element

MARKUP = (
    "html",
    "htm",
    "jinja",
    "jinja2",
    "j2",
    "vue",
    "svelte",
    "astro",
    "erb",
    "ejs",
    "hbs",
    "php",
)
CODE = ("jsx", "tsx", "js", "ts", "mjs", "py")
WORKSPACE = "/vercel/sandbox/"
# What tools make, besides those that services never enter.
MADE = {
    "dist", "build", "out", "coverage", "target", "vendor", "staticfiles", ".svelte-kit", ".nuxt",
    ".output",
}  # fmt: skip
LISTED = 5000
LARGEST = 200_000  # bytes of a file; what is larger is hardly written by hand
_BUNDLED = re.compile(
    r"^(?:webpack-internal|webpack|turbopack)://[^/]*/(?:\([^)]*\)/|\[project\]/)?"
)


def of(sandbox: Sandbox) -> list[str]:
    """Paths of the workspace's sources, those first in which markup is likely. Raises Refusal."""
    entries, _ = files.list_files(sandbox, ".", LISTED)
    found = [entry for entry in entries if _is_source(entry)]
    return [entry.path for entry in sorted(found, key=_order)]


def kind_of(path: str) -> str:
    return path.rpartition(".")[2].lower()


def is_code(path: str) -> bool:
    return kind_of(path) in CODE


def named(file: str, known: Sequence[str]) -> str:
    """Which of these a build means by `file`: a path, an address of the app, a name that its
    bundler gives; "" for none, and where several may be meant."""
    file = _BUNDLED.sub("/", file)
    if "://" in file:
        try:
            file = urlsplit(file).path
        except ValueError:
            return ""
    path = unquote(file.partition("?")[0]).removeprefix("/@fs").lstrip()
    path = path.removeprefix(WORKSPACE)
    path = posixpath.normpath("/" + path.lstrip("/")).lstrip("/")
    if path in known:
        return path
    ends = [one for one in known if one.endswith("/" + path)]
    return ends[0] if path and len(ends) == 1 else ""


def ranked(element: Element, known: Sequence[str]) -> list[str]:
    """The same, that first which the page's own address names."""
    page = unquote(element.path.partition("?")[0].partition("#")[0]).strip("/")
    wanted = {page, f"{page}.html", f"{page}/index.html".lstrip("/")}
    return sorted(known, key=lambda path: not _is_named(path, wanted))


def _is_named(path: str, wanted: set[str]) -> bool:
    return any(path == one or (one and path.endswith("/" + one)) for one in wanted)


def _is_source(entry: FileEntry) -> bool:
    folders = entry.path.split("/")[:-1]
    return (
        entry.kind == "file"
        and kind_of(entry.path) in MARKUP + CODE
        and entry.size <= LARGEST
        and not any(name in MADE for name in folders)
        and ".min." not in entry.path
    )


def _order(entry: FileEntry) -> tuple[int, int, str]:
    kind = kind_of(entry.path)
    return (MARKUP + CODE).index(kind) >= len(MARKUP) + 2, entry.path.count("/"), entry.path
