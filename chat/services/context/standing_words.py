"""Which of a person's words stay word for word when a conversation is summed up.

No model has a say in this: what the person has ordered must not depend on a summary's quality.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

RULES = 100
RULE_LENGTH = 400
MESSAGE_LENGTH = 2_000
CUT = " […]"
# So much of the room the rules may take.
RULES_SHARE = 0.5

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")
# How people say what is to hold from then on, in the languages that they write here most.
_RULE = re.compile(
    r"\b(?:always|never|must(?:n't| not)?|do not|don['’]t|only (?:use|ever|in|with)|from now on"
    r"|make sure|remember|prefer|avoid|no matter|keep (?:the|it|all|everything|using)|without ever"
    r"|at all times|every time|whenever|under no circumstances|leave .{1,60} alone|use only"
    r"|immer|nie(?:mals)?|stets|darfst|nicht (?:ändern|anfassen)|ab jetzt|bitte kein\w*"
    r"|toujours|jamais|ne .{1,40} pas|dorénavant"
    r"|siempre|nunca|jamás|a partir de ahora|sempre|mai|evita)\b"
    r"|(?:总是|永远不要|不要|必须|絶対|必ず|常に|しないで)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Kept:
    rules: list[str]
    said: list[str]


def rules_in(text: str) -> list[str]:
    """The sentences of a message that sound like something that is to hold on."""
    sentences = (sentence.strip(" \t-*•") for sentence in _SENTENCE.split(text[:200_000]))
    return [_cut(one, RULE_LENGTH) for one in sentences if one and _RULE.search(one)]


def kept(
    messages: list[str], room: int, *, rules: list[str] | None = None, said: list[str] | None = None
) -> Kept:
    """The words to keep in `room` characters: all rules that fit, the first ones first, then
    messages, of which the first and the newest go before those between. `rules` and `said` are
    those kept so far."""
    every = [*(rules or []), *(rule for text in messages for rule in rules_in(text))]
    standing = _within(list(dict.fromkeys(every)), int(room * RULES_SHARE), RULES)
    left = room - sum(map(len, standing))
    return Kept(standing, _first_and_newest([*(said or []), *messages], left))


def _within(texts: list[str], room: int, most: int) -> list[str]:
    """As many as there is room for: half of it for the first ones, the rest for the newest."""
    taken: set[int] = set()
    forward, backward = range(len(texts)), range(len(texts) - 1, -1, -1)
    for order, share in ((forward, room // 2), (backward, room)):
        for number in order:
            used = sum(len(texts[one]) for one in taken)
            if number in taken:
                continue
            if used + len(texts[number]) > share or len(taken) >= most:
                break
            taken.add(number)
    return [texts[number] for number in sorted(taken)]


def _first_and_newest(texts: list[str], room: int) -> list[str]:
    """The first message, then from the newest back, as long as there is room; in their order."""
    cut = [_cut(text.strip(), MESSAGE_LENGTH) for text in texts]
    order = [0, *range(len(cut) - 1, 0, -1)] if cut else []
    taken = []
    for number in order:
        room -= len(cut[number])
        if room < 0:
            break
        taken.append(number)
    return [cut[number] for number in sorted(taken) if cut[number]]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + CUT
