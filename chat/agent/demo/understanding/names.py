"""What a request calls by name: titles, subjects, new words, files, ports."""

from __future__ import annotations

import re

from chat.agent.demo.understanding.lexicon import find

# Concepts of words that name nothing.
_SMALL = ("plain", "do.", "one", "all", "broad.", "shade.", "colour.", "thing.")
_QUOTED = re.compile(
    r"[\"“„«]\s*([^\"“”„«»]{1,120}?)\s*[\"”“»]|(?<!\w)['‘]([^'’]{1,120})['’](?!\w)"
)
_CALLED = re.compile(
    r"\b(?:called|named|titled|namens|genannt|appelée?|nommée?|llamad[oa])\s+([^.,;\n\"“„«]{2,60})",
    re.I,
)
_FOR = re.compile(
    r"\b(?:for|about|für|über|pour|sur|para|sobre|de|d['’])\s*"
    r"((?:(?:my|our|a|an|the|mein\w*|unser\w*|ein\w*|de[rnm]|die|das|mon|ma|notre|une?|le|la|les|"
    r"mi|nuestr\w|un|el|los|las)\s+|l['’])*)"
    r"(\w[\w &'’-]{2,48})",
    re.I,
)
# "Florist website": the subject stands before.
_BEFORE = re.compile(
    r"(?:\b(?:a|an|my|our|the|eine?|meine?|make|build|create)\s+)?((?:[\w'’-]+\s){1,3})"
    r"(?:landing ?page|web ?site|web ?page|home ?page|site|blog|quiz|board|dashboard|website)\b",
    re.I,
)
_NO_SUBJECT = re.compile(
    r"^(?:me|us|you|it|this|that|port|mich|uns|moi|nous|mi$|tareas|ejemplo|example|work|school|"
    r"fun|free|now|web|page|site|python|node|react|flask|static|html|simple|modern|landing|new|"
    r"notes?|notas|chat|quiz|courses|la compra|compras?|tâches|données|présentation|"
    r"développement|inicio|aterrizaje|people|users?|kids|mobile|phones?|testing)\b",
    re.I,
)
_END = re.compile(
    r"\s+(?:and|with|that|which|in|on|using|und|mit|auf|dans|avec|et|con|y|en|called|named|please|"
    r"bitte|by|from|to|where|who|namens)\b.*$",
    re.I | re.S,
)
_TO = re.compile(
    r"\b(?:(?:to|should) (?:say|be|read)|to|into|say|says|as|read|zu|in|auf|nach|en|à|a|por|con)\b"
    r"\s*:?\s*(.+?)\s*[.!]?\s*$",
    re.I | re.S,
)
_CALL_IT = re.compile(
    r"\b(?:call|name|title)\s+(?:it|this|the \w+)\s+(.+)|"
    r"\b(?:nenn\w*)\s+(?:es|sie|die \w+|das \w+)\s+(.+)|"
    r"\b(?:appelle|nomme)(?:-|\s)(?:le|la|l['’]\w+|le \w+)\s+(.+)|"
    r"\bll[aá]mal[oa]\s+(.+)",
    re.I | re.S,
)
FILE = re.compile(r"(?<![\w/.@-])((?:[\w-]+/)*\.?[\w-]+(?:\.[\w-]+)*\.[A-Za-z]\w{0,5})(?![\w/(])")
_PORT = re.compile(r"\bp(?:ort|uerto)\s*:?\s*(\d{2,5})\b|:(\d{4,5})\b", re.I)
HEADING_LIMIT = 60


def quoted(text: str) -> str:
    """What stands in quotation marks first; "" when nothing does."""
    found = _QUOTED.search(text)
    return (found.group(1) or found.group(2) or "").strip() if found else ""


def called(text: str) -> str:
    """The name that the request gives; "" when it gives none."""
    if found := _CALLED.search(text):
        return _title(_END.sub("", found.group(1)))
    return quoted(text)[:HEADING_LIMIT]


def heading(text: str) -> str:
    """What something new is to be called: named in the request, or whom it is for."""
    return called(text) or subject(text)


def subject(text: str) -> str:
    """Whom or what it is for; "" when the request does not say."""
    for found in _FOR.finditer(text):
        name = _END.sub("", found.group(2)).strip(" -'’")
        # "of tasks", "de tareas" belong to the thing itself.
        small = found.group(0).lower().startswith(("de ", "d'", "d’"))
        if len(name) > 2 and not _NO_SUBJECT.match(name) and not small:
            return _title(name)
    if before := _BEFORE.search(text):
        name = _without_filler(before.group(1))
        if len(name) > 2 and not _NO_SUBJECT.match(name + " "):
            return _title(name)
    return ""


def is_only(name: str, prefix: str) -> bool:
    """Whether the name says no more than a concept below `prefix`: "Bakery", "My coffee shop"."""
    found = find(name)
    known = [concept for concept in found.concepts if not concept.startswith(_SMALL)]
    return (
        bool(known) and all(concept.startswith(prefix) for concept in known) and not found.strange
    )


def _without_filler(text: str) -> str:
    """The words without those before them that say nothing of the subject: "make me a nice"."""
    parts = text.split()
    while parts and (found := find(parts[0])).tokens:
        if not all(concept.startswith(_SMALL) for concept in found.concepts) or found.strange:
            break
        parts.pop(0)
    return " ".join(parts)


def new_words(text: str) -> str:
    """What the words of a page are to become: quoted, or after "to"."""
    if called_it := _CALL_IT.search(text):
        return _plain(next(group for group in called_it.groups() if group))
    if found := _TO.search(text):
        return _plain(found.group(1))
    if said := quoted(text):
        return said
    if found := re.search(r":\s*(.+)$", text, re.S):
        return _plain(found.group(1))
    return ""


def files(text: str) -> list[str]:
    """File names in the text, in order."""
    return [
        name for name in FILE.findall(text) if not re.match(r"(?i)node\.?js$|e\.g$|i\.e$", name)
    ]


def port(text: str) -> int | None:
    found = _PORT.search(text)
    return int(found.group(1) or found.group(2)) if found else None


def _plain(text: str) -> str:
    text = text.strip().rstrip(".!") if not text.strip().endswith("...") else text.strip()
    return quoted(text)[:120] or text.strip(" \"'“”„‘’«»")[:120]


def _title(name: str) -> str:
    name = name.strip(" .!?-\"'")
    return (name[:1].upper() + name[1:])[:HEADING_LIMIT]
