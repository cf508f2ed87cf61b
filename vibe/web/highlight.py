"""Source code to spans with Pygments' short class names.

Its lexers are regular expressions that a hostile text can keep busy for ever: what pages show of
files goes through a process of its own.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

from vibe import bounded

# Above this the spans cost more than they tell.
MAX_CHARACTERS = 200_000
_FORMATTER = HtmlFormatter(nowrap=True)


def language_of(info: str) -> str:
    """The language that a fence names (its first word), in letters that a class may have."""
    word = info.strip().split(maxsplit=1)[0] if info.strip() else ""
    return "".join(c for c in word.lower() if c.isalnum() or c in "+-#_.")[:32]


def highlighted(source: str, language: str) -> str:
    """HTML of `source`; only escaped where the language is unknown or the text is very long. To be
    called where time is bounded."""
    return _spans(source, _by_name(language))


def highlighted_file(source: str, path: str) -> tuple[str, str]:
    """HTML of a file's text and the name of its language ("" when unknown). Only escaped when that
    would take too long."""
    lexer = _by_path(path)
    if lexer is None or len(source) > MAX_CHARACTERS:
        return escape(source), lexer.name if lexer else ""
    found = bounded.text("vibe.web.highlight:spans_of_file", source, path)
    return escape(source) if found is None else found, lexer.name


def spans_of_file(source: str, path: str) -> str:
    """What `highlighted_file` has made of it, in that process."""
    return _spans(source, _by_path(path))


def _spans(source: str, lexer: Lexer | None) -> str:
    if lexer is None or len(source) > MAX_CHARACTERS:
        return escape(source)
    return highlight(source, lexer, _FORMATTER)


@lru_cache(maxsize=64)
def _by_name(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False) if language else None
    except ClassNotFound:
        return None


@lru_cache(maxsize=256)
def _by_path(path: str) -> Lexer | None:
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
