"""Files of the programs that the demo model writes."""

from __future__ import annotations

import html
from pathlib import Path

APPS = Path(__file__).parent / "apps"
# Typed by a person and put into HTML inside JavaScript and Python: entities are safe in all.
_MARKUP = str.maketrans({"`": "&#96;", "\\": "&#92;", "{": "&#123;", "}": "&#125;", "$": "&#36;"})


def load(app: str, names: dict[str, str], heading: str) -> list[dict[str, str]]:
    """Arguments of write_files. names: {path in the sandbox: file of the app}."""
    return [
        {
            "path": path,
            "content": (APPS / app / name)
            .read_text(encoding="utf-8")
            .replace("{{heading}}", escape(heading)),
        }
        for path, name in names.items()
    ]


def escape(text: str) -> str:
    return html.escape(text).translate(_MARKUP)
