"""Emphasis beside Chinese, Japanese and Korean, where no spaces stand between words.

CommonMark asks for a space or punctuation around `**“…”**`, which those scripts do not write. The
rule is that of the CJK-friendly amendment to its specification.
"""

from __future__ import annotations

import unicodedata

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

_WIDE = (
    *("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC", "BOPOMOFO"),
    *("FULLWIDTH", "HALFWIDTH"),
)


def emphasise_beside_cjk(parser: MarkdownIt) -> None:
    """Plug-in of markdown-it: in the place of its rule for `*` and `_`."""
    parser.inline.ruler.at("emphasis", _rule)


def _rule(state: StateInline, silent: bool) -> bool:
    marker = state.src[state.pos]
    if silent or marker not in ("_", "*"):
        return False
    can_open, can_close, length = _scanned(state, marker)
    for _ in range(length):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=length,
                token=len(state.tokens) - 1,
                end=-1,
                open=can_open,
                close=can_close,
            )
        )
    state.pos += length
    return True


def _scanned(state: StateInline, marker: str) -> tuple[bool, bool, int]:
    """Whether the run of markers can open and can close, and its length."""
    start = end = state.pos
    while end < state.posMax and state.src[end] == marker:
        end += 1
    before = state.src[start - 1] if start else " "
    after = state.src[end] if end < state.posMax else " "
    opens = not isWhiteSpace(ord(after)) and (
        not _is_foreign_mark(after) or _is_boundary(before) or _is_cjk(before)
    )
    closes = not isWhiteSpace(ord(before)) and (
        not _is_foreign_mark(before) or _is_boundary(after) or _is_cjk(after)
    )
    if marker == "_":  # within_a_word it is no emphasis
        can_open = opens and (not closes or _is_mark(before))
        return can_open, closes and (not opens or _is_mark(after)), end - start
    return opens, closes, end - start


def _is_boundary(character: str) -> bool:
    return isWhiteSpace(ord(character)) or _is_mark(character)


def _is_mark(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


def _is_foreign_mark(character: str) -> bool:
    """Punctuation of other scripts; that of CJK is as good as a letter."""
    return _is_mark(character) and not _is_cjk(character)


def _is_cjk(character: str) -> bool:
    return character >= "\u1100" and unicodedata.name(character, "").startswith(_WIDE)
