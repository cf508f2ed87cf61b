"""Source code to spans with Pygments' short class names."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

# Above this the spans cost more than they tell.
MAX_CHARACTERS = 200_000
_FORMATTER = HtmlFormatter(nowrap=True)


def language_of(info: str) -> str:
    """The language that a fence names (its first word), in letters that a class may have."""
    word = info.strip().split(maxsplit=1)[0] if info.strip() else ""
    return "".join(c for c in word.lower() if c.isalnum() or c in "+-#_.")[:32]


def highlighted(source: str, language: str) -> str:
    """HTML of `source`; only escaped where the language is unknown or the text is very long."""
    return _spans(source, _by_name(language))


def highlighted_file(source: str, path: str) -> tuple[str, str]:
    """HTML of a file's text and the name of its language ("" when unknown)."""
    lexer = _by_path(path)
    return _spans(source, lexer), lexer.name if lexer else ""


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
