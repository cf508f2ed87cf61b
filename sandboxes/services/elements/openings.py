"""The opening tags of a source: HTML, its templates, and what JSX, Vue and Svelte make of it.

No parser of any of these languages: what is not understood is passed over, and a file that would
take long is read only as far as its share of steps goes.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

_NEXT = re.compile(r"<!--|\{/\*|</([A-Za-z][\w.:-]*)\s*>|<([A-Za-z][\w.:-]*)(?=[\s/>])")
_NAME = re.compile(r"[^\s=>/\"'{}<]+")
_GAP = re.compile(r"\s*")
_UNQUOTED = re.compile(r"[^\s>\"'<{}]+")
_RAW = ("script", "style")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
     "wbr"]
)  # fmt: skip
LONGEST = 6000  # characters of one tag
STEPS_PER_CHARACTER = 4


@dataclass(frozen=True)
class Attribute:
    """`value` as it is written, from `start` to `end`. `kind`: quoted, unquoted, code (in braces),
    bare (without a value)."""

    value: str
    start: int
    end: int
    kind: str


@dataclass
class Opening:
    """`content`: the text behind it, up to the next tag; `closed`: that is its own closing tag.
    `start` to `end`: the tag itself. `nth`: which of its tag it is within `parent`."""

    tag: str
    start: int
    end: int
    line: int
    attributes: dict[str, Attribute]
    parent: Opening | None = None
    nth: int = 1
    content: str = ""
    closed: bool = False
    children: Counter[str] = field(default_factory=Counter)


def read(text: str, *, is_code: bool = False) -> list[Opening]:
    """All of them in their order. `is_code`: it is JSX, in which a tag may be a comparison."""
    reader = _Reader(text, is_code)
    reader.read()
    return reader.found


class _Reader:
    def __init__(self, text: str, is_code: bool) -> None:
        self.text = text
        self.is_code = is_code
        self.found: list[Opening] = []
        self.open: list[Opening] = []
        self.root: Counter[str] = Counter()
        self.last: Opening | None = None
        self.left = STEPS_PER_CHARACTER * len(text) + 10_000
        self.line, self.counted = 1, 0

    def read(self) -> None:
        at = 0
        while self.left > 0 and (token := _NEXT.search(self.text, at)):
            self._ends_content(token.start(), token[1] or "")
            if token[0] in ("<!--", "{/*"):
                end = self.text.find("-->" if token[0] == "<!--" else "*/", token.end())
                at = end if end >= 0 else len(self.text)
            elif token[1]:
                self._close(token[1])
                at = token.end()
            else:
                at = self._opening(token)

    def _opening(self, token: re.Match[str]) -> int:
        if self.is_code and token.start() and self._is_operator(token):
            return token.end()
        attributes: dict[str, Attribute] = {}
        end, closes = self._attributes(token.end(), attributes)
        if end < 0:
            return token.end()
        parent = self.open[-1] if self.open else None
        siblings = parent.children if parent else self.root
        siblings[token[2]] += 1
        line = self._line_at(token.start())
        made = Opening(
            token[2], token.start(), end, line, attributes, parent, siblings[token[2]]
        )  # fmt: skip
        self.found.append(made)
        if closes or token[2].lower() in _VOID:
            return end
        self.last = made
        if token[2].lower() in _RAW:
            closing = self.text.find(f"</{token[2]}", end)
            self.last = None
            return closing if closing >= 0 else len(self.text)
        self.open.append(made)
        return end

    def _is_operator(self, token: re.Match[str]) -> bool:
        """Whether it compares, or names the type of something, rather than opens a tag."""
        before = self.text[token.start() - 1]
        if not (before.isalnum() or before in "_)]"):
            return False
        return self.text[token.end()].isspace() or f"</{token[2]}>" not in self.text

    def _attributes(self, at: int, into: dict[str, Attribute]) -> tuple[int, bool]:
        """(where the tag ends, whether it closes itself); (-1, …) for what is no tag."""
        text, limit = self.text, min(len(self.text), at + LONGEST)
        while at < limit and self.left > 0:
            self.left -= 1
            at = _end(_GAP, text, at)
            if text.startswith("/>", at):
                return at + 2, True
            mark = text[at : at + 1]
            if mark == ">":
                return at + 1, False
            if mark == "{":  # a spread of JSX, or a statement of a template between attributes
                at = self._behind_braces(at)
                if at < 0:
                    return -1, False
                continue
            name = _NAME.match(text, at)
            if name is None:
                if mark == "/":
                    at += 1
                    continue
                return -1, False
            at = self._value(name, into)
            if at < 0:
                return -1, False
        return -1, False

    def _value(self, name: re.Match[str], into: dict[str, Attribute]) -> int:
        """Where the attribute ends; -1 where it does not."""
        text = self.text
        at = _end(_GAP, text, name.end())
        if not text.startswith("=", at):
            into.setdefault(name[0], Attribute("", name.end(), name.end(), "bare"))
            return name.end()
        at = _end(_GAP, text, at + 1)
        mark = text[at : at + 1]
        if mark and mark in "\"'":
            end = text.find(mark, at + 1, at + LONGEST)
            self.left -= max(1, (LONGEST if end < 0 else end - at) // 64)
            # Within a quoted value a template may quote again: href="{{ url_for("home") }}".
            end = self._behind_template(text, at, end, mark)
            if end < 0:
                return -1
            into.setdefault(name[0], Attribute(text[at + 1 : end], at + 1, end, "quoted"))
            return end + 1
        if mark == "{":
            end = self._behind_braces(at)
            if end < 0:
                return -1
            into.setdefault(name[0], Attribute(text[at + 1 : end - 1], at + 1, end - 1, "code"))
            return end
        bare = _UNQUOTED.match(text, at)
        if bare is None:
            return -1
        into.setdefault(name[0], Attribute(bare[0], at, bare.end(), "unquoted"))
        return bare.end()

    def _behind_template(self, text: str, at: int, end: int, mark: str) -> int:
        for _ in range(20):
            if end < 0:
                return -1
            inside = text[at:end]
            if inside.count("{{") <= inside.count("}}") and inside.count("{%") <= inside.count(
                "%}"
            ):
                return end
            self.left -= max(1, (end - at) // 64)
            end = text.find(mark, end + 1, at + LONGEST)
        return end

    def _behind_braces(self, at: int) -> int:
        """Behind the brace that closes the one here; -1 for none."""
        depth, limit = 0, min(len(self.text), at + LONGEST)
        quote = ""
        while at < limit and self.left > 0:
            self.left -= 1
            letter = self.text[at]
            if quote:
                if letter == "\\":
                    at += 1
                elif letter == quote:
                    quote = ""
            elif letter in "\"'`":
                quote = letter
            elif letter == "{":
                depth += 1
            elif letter == "}":
                depth -= 1
                if depth == 0:
                    return at + 1
            at += 1
        return -1

    def _ends_content(self, at: int, closing: str) -> None:
        if self.last is not None:
            self.last.content = self.text[self.last.end : at]
            self.last.closed = closing == self.last.tag
        self.last = None

    def _close(self, tag: str) -> None:
        for back, one in enumerate(reversed(self.open[-40:]), 1):
            if one.tag == tag:
                del self.open[-back:]
                return

    def _line_at(self, at: int) -> int:
        self.line += self.text.count("\n", self.counted, at)
        self.counted = at
        return self.line


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
