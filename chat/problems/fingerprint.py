"""Which errors are the same one: what differs from run to run is taken out, the rest is hashed."""

from __future__ import annotations

import re
from hashlib import sha256

from chat.problems.found import Found

LONGEST = 600
LENGTH = 32

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\x1b\[[0-9;?]*[A-Za-z]"), ""),
    # Where it was served from is of the run; which page it was is not.
    (re.compile(r"\b(?:https?|wss?)://[^/\s'\"`)>]+"), "@"),
    (re.compile(r"\?[\w.%=&-]+"), ""),
    (
        re.compile(
            r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
        ),
        "#",
    ),
    (re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\b"), "#"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I), "#"),
    (re.compile(r"\b0x[0-9a-f]+\b", re.I), "#"),
    # Paths of the run: the name of the file is what stays.
    (re.compile(r"(?:file:/{2,3})?(?<![\w@])~?(?:/[\w@.+-]+){1,30}/(?=[\w@.+-])"), ""),
    # Ids: letters and digits mixed, of some length.
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{12,}\b"), "#"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,}\b", re.I), "#"),
    # Numbers that stand alone, also with a unit: 3000, 12.5ms, :17:4. Those of a name stay.
    (re.compile(r"(?<![A-Za-z_\d])\d+(?:[.,]\d+)*(?:ms|s|kB|KB|MB|GB|m)?\b"), "#"),
    (re.compile(r"(?:#[:,]?){2,}"), "#"),
    (re.compile(r"\s+"), " "),
)


def normal(text: str) -> str:
    """The text without times, numbers, addresses, ids and paths of the run."""
    text = text[:LONGEST]
    for pattern, put in _PATTERNS:
        text = pattern.sub(put, text)
    return text.strip().lower()


def of(found: Found) -> str:
    """The fingerprint of an error. Lines and columns do not count: a file above it may grow."""
    words = "\0".join(
        (found.kind, found.about, normal(found.title), found.path.rpartition("/")[2].lower())
    )
    return sha256(words.encode("utf-8", "replace")).hexdigest()[:LENGTH]
