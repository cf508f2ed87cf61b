"""Addresses written as plain text become links, as people expect of a chat."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# Not further than to what Chinese, Japanese and Korean end a phrase with.
_CJK_MARKS = "，。、；：？！（）【】《》〈〉「」『』〔〕“”‘’…\u3000"
_ADDRESS = re.compile(rf"https?://[^\s<>\"'`{_CJK_MARKS}]{{1,2000}}")
_AT_THE_END = ".,;:!?*_"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def link_addresses(parser: MarkdownIt) -> None:
    """Plug-in of markdown-it: http and https addresses in text become links."""
    parser.core.ruler.push("link_addresses", _rule)


def _rule(state: StateCore) -> None:
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = _linked(block.children)


def _linked(tokens: list[Token]) -> list[Token]:
    result: list[Token] = []
    inside = 0
    for token in tokens:
        inside += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type == "text" and not inside:
            result.extend(_split(token))
        else:
            result.append(token)
    return result


def _split(token: Token) -> list[Token]:
    parts: list[Token] = []
    position = 0
    for match in _ADDRESS.finditer(token.content):
        address = _trimmed(match.group())
        if address.endswith("//"):
            continue
        parts.append(_text(token.content[position : match.start()]))
        parts.append(Token("link_open", "a", 1, attrs={"href": address}))
        parts.append(_text(address))
        parts.append(Token("link_close", "a", -1))
        position = match.start() + len(address)
    if not parts:
        return [token]
    return [*parts, _text(token.content[position:])]


def _trimmed(address: str) -> str:
    """Without the marks of the sentence around it; a bracket that the address has opened stays."""
    while address[-1] in _AT_THE_END or (
        address[-1] in _PAIRS and address.count(address[-1]) > address.count(_PAIRS[address[-1]])
    ):
        address = address[:-1]
    return address


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
