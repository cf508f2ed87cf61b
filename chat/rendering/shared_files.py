"""The files of a version on a shared page: their names, and what is in one of them."""

from __future__ import annotations

from typing import Any

from chat.models import Version
from chat.rendering.cards import CardView
from chat.services.sharing import withheld
from chat.services.sharing.hiding import Clean
from sandboxes.engine.versions.store import Blob
from sandboxes.services import version_contents

LISTED = 500
MOST_BYTES = 200_000
# What one wants to see of an app first.
FIRST = ("index.html", "app.py", "main.py", "server.js", "index.js", "src/App.jsx", "README.md")


def files_view(
    version: Version | None,
    files: dict[str, Blob],
    asked: str,
    card: CardView | None,
    clean: Clean,
) -> dict[str, Any]:
    """Context of `chat/shared/_files.html`. `asked`: a path as it is shown; empty for what the
    step wrote, else for what one wants to see first. Raises Refusal."""
    names = {version_contents.shown(path): path for path in sorted(files)}
    chosen = asked if asked in names else _first(names, card)
    listed = list(names)[:LISTED]
    return {
        "rows": [
            {
                "path": clean(name),
                "asked": name if clean(name) == name else "",
                "withheld": bool(withheld.why(names[name])),
                "current": name == chosen,
            }
            for name in listed
        ],
        "more": len(names) - len(listed),
        "path": clean(chosen),
        **_content(version, files, names.get(chosen, ""), clean),
    }


def _first(names: dict[str, str], card: CardView | None) -> str:
    written = [one.file.path.removeprefix("./") for one in card.files] if card else []
    wanted = [*reversed(written), *FIRST, *names]
    return next((one for one in wanted if one in names and not withheld.why(names[one])), "")


def _content(
    version: Version | None, files: dict[str, Blob], path: str, clean: Clean
) -> dict[str, Any]:
    if version is None or path not in files:
        return {"text": "", "why": "", "size": 0, "is_cut": False}
    if why := withheld.why(path):
        return {"text": "", "why": withheld.WORDS[why], "size": 0, "is_cut": False}
    found = version_contents.text_of(version.checkpoint, files[path], MOST_BYTES)
    if found is None:
        return {"text": "", "why": "It is no text.", "size": 0, "is_cut": False}
    text, size = found
    is_cut = size > MOST_BYTES
    # The cut may have torn a word that would have been hidden.
    text = text.rpartition("\n")[0] if is_cut else text
    return {"text": clean(text), "why": "", "size": size, "is_cut": is_cut}
