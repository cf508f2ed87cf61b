"""Modules joined into one script, so that a browser asks once for a page's hundred small files.

There is no build step: our own modules keep to the few forms of `import` and `export` that are
known here, and anything else is an error, which a test finds before a page does. Each module
becomes a function that runs once, in whichever script it comes first; what is loaded later shares
it. Vendored files are not joined but asked for by their own addresses.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable

OWN = "js/"
_IMPORT = re.compile(
    r"^import\s+(?:\{(?P<names>[^}]*)\}\s*from\s*|\*\s*as\s+(?P<all>\w+)\s+from\s*)?"
    r'"(?P<path>\.[^"]+)";\n?',
    re.MULTILINE,
)
_EXPORT = re.compile(
    r"^export\s+(?P<what>(?:async\s+)?function\*?|class|const)\s+(?P<name>[\w$]+)", re.MULTILINE
)
_LATER = re.compile(r'\bimport\(\s*"(\.[^"]+)"\s*\)')
_BESIDE = re.compile(r'new URL\(\s*"(\.[^"]+)",\s*import\.meta\.url\s*\)')
_LEFT = re.compile(r"^(?:import\s*[\w{*\"]|export\s).*", re.MULTILINE)


class CannotJoin(Exception):
    """A module says `import` or `export` in a form that is not known here."""


def joined(entry: str, read: Callable[[str], str], address: Callable[[str], str]) -> str:
    """The script that `entry` and all it imports make, with the exports of `entry`.

    `read` gives a module's text by its static name; `address` says where something is to be asked
    for: vendored modules, what is imported when it is needed, and files named beside a module.
    """
    order: list[str] = []
    outside: list[str] = []
    texts: dict[str, str] = {}
    _gather(entry, read, texts, order, outside)
    parts = [
        *(
            f"import * as {_outer(outside, one)} from {json.dumps(address(one))};"
            for one in outside
        ),
        "const $m = (globalThis.vibeModules ??= {});",
    ]
    exported: list[str] = []
    for name in order:
        body, exported = _as_function(name, texts[name], outside, address)
        parts.append(f"$m[{json.dumps(name)}] ??= {body};")
    for one in exported:  # of the last of them, which is the entry
        parts.append(f"export const {one} = $m[{json.dumps(entry)}].{one};")
    return "\n".join(parts) + "\n"


def _gather(
    name: str,
    read: Callable[[str], str],
    texts: dict[str, str],
    order: list[str],
    outside: list[str],
) -> None:
    """Put a module behind those that it imports, as a browser would run them."""
    if name in texts:
        return
    texts[name] = text = read(name)
    for found in _IMPORT.finditer(text):
        needed = _beside(name, found["path"])
        if needed.startswith(OWN):
            _gather(needed, read, texts, order, outside)
        elif needed not in outside:
            outside.append(needed)
    order.append(name)


def _as_function(
    name: str, text: str, outside: list[str], address: Callable[[str], str]
) -> tuple[str, list[str]]:
    exported = [found["name"] for found in _EXPORT.finditer(text)]

    def taken(found: re.Match[str]) -> str:
        needed = _beside(name, found["path"])
        source = f"$m[{json.dumps(needed)}]" if needed.startswith(OWN) else _outer(outside, needed)
        if found["all"]:
            return f"const {found['all']} = {source};\n"
        if found["names"] is None:
            return ""
        names = re.sub(r"(\w+)\s+as\s+(\w+)", r"\1: \2", found["names"])
        return f"const {{{names}}} = {source};\n"

    body = _IMPORT.sub(taken, text)
    body = _EXPORT.sub(r"\g<what> \g<name>", body)
    if left := _LEFT.search(body):
        raise CannotJoin(f"{name}: {left[0]}")
    body = _LATER.sub(lambda one: f"import({json.dumps(address(_beside(name, one[1])))})", body)
    body = _BESIDE.sub(
        lambda one: f"new URL({json.dumps(address(_beside(name, one[1])))}, import.meta.url)", body
    )
    return f"(() => {{\n{body}return {{ {', '.join(exported)} }};\n}})()", exported


def _beside(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _outer(outside: list[str], name: str) -> str:
    return f"$outer{outside.index(name)}"
