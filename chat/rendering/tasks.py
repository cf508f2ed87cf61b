"""Lists of tasks: `- [ ] open` and `- [x] done` show a box."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

_BOX = re.compile(r"\[([ xX])\][ \t]+(?=\S)")


def mark_tasks(parser: MarkdownIt) -> None:
    """Plug-in of markdown-it: items of the class `task`."""
    parser.core.ruler.after("inline", "tasks", _rule)


def _rule(state: StateCore) -> None:
    for item, paragraph, inline in zip(
        state.tokens, state.tokens[1:], state.tokens[2:], strict=False
    ):
        if item.type != "list_item_open" or paragraph.type != "paragraph_open":
            continue
        first = inline.children[0] if inline.children else None
        found = _BOX.match(first.content) if first is not None and first.type == "text" else None
        if first is not None and found is not None:
            box = "☐" if found[1] == " " else "☑"
            first.content = f"{box} {first.content[found.end() :]}"
            item.attrSet("class", "task")
