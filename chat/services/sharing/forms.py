"""Secrets that a text shows by their form: tokens of known makers, keys, and what stands behind a
name that says so. Code stays readable: a call or a name behind such a name stays."""

from __future__ import annotations

import math
import re
import time

import re2

from chat.services.portability.exporting import KEYS
from vibe import redaction
from vibe.redaction import GONE

# The patterns are tried at every place of a line, so that their time grows with its square.
LONGEST_LINE, SHOWN_OF_LINE = 2_000, 1_500

_NAMES = (
    r"[\w.-]{0,40}(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|ticket"
    r"|private[_-]?key|credential|auth[_-]?key|signature|dsn|connection[_-]?string)[\w.-]{0,20}"
)
_LOUD_NAMES = (
    r"[A-Z0-9_]{0,40}(?:TOKEN|SECRET|PASSW(?:OR)?D|_KEY|APIKEY|CREDENTIALS?|_DSN|_PASS|_PWD|_URI"
    r"|DATABASE_URL|REDIS_URL)[A-Z0-9_]{0,20}"
)
_QUOTED = "(?:\"[^\"]{4,}\"|'[^']{4,}'|`[^`]{4,}`)"
SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
_PEM = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----.*?(?:-----END [^\n]*|\Z)", re.DOTALL
)
_WHOLE = (
    # Addresses of people.
    r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b",
    # Tokens of makers that the platform's own logs do not know.
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\b(?:AIza[\w-]{30,}|(?:hf|github_pat|sq0\w{3}|dop_v1|shpat)_\w{12,}|xapp-[\w-]{12,})",
    r"\b(?:SG\.[\w-]{16,}\.[\w-]{16,}|ya29\.[\w-]{16,})",
)
_BEHIND = (
    # NAME=VALUE as in a shell or a file of settings.
    rf"(?i)(?<!\w)({_LOUD_NAMES}=)(?:\"[^\"]+\"|'[^']+'|[^\s\"';&|]+)",
    # A literal behind such a name, as in code or JSON.
    rf"(?i)\b({_NAMES}[\"']?\s{{0,4}}[:=]{{1,2}}\s{{0,4}}){_QUOTED}",
    # The same bare, where it has a digit, which names of code mostly do not.
    rf"(?i)\b({_NAMES}[\"']?(?:\s{{0,4}}[:=]\s{{0,4}}|\sis\s))"
    r"(?=[^\s\"'`;,()]{0,200}\d)[^\s\"'`;,()]{6,}",
)
_PATTERNS = [(re.compile(one), GONE) for one in _WHOLE]
_PATTERNS += [(re.compile(one), rf"\1{GONE}") for one in _BEHIND]


# Every form above, and each that the logs know, has one of these words in it: 100 kB of code are
# looked through in 0.1 s instead of 1 s. An expression of RE2 takes the same time for any text.
_HINT = re2.compile(
    r"(?i)token|secret|passw|passphrase|key|ticket|credential|signature|dsn|connection|_pass|_pwd"
    r"|_uri|_url|@|akia|asia|aiza|hf_|github_pat|sq0|dop_v1|shpat|xapp|sg\.|ya29|vibe|eyj|/shared/"
    r"|/sign-in/|bearer|basic|authorization|cookie|protocol|(sk|pk|rk|ghp|gho|ghs|npm|pypi|glpat|xox.)[-_]"
    r"|[\w-]{32}"
)


def without_secrets(text: str, deadline: float = math.inf) -> str:
    """The text with "…" for each of them. Lines that are very long are cut, and what is not looked
    through by the deadline, a moment of time.monotonic(), is left out."""
    text = _PEM.sub(GONE, text)
    return "\n".join(_line(line, deadline) for line in text.split("\n"))


def _line(line: str, deadline: float) -> str:
    is_cut = len(line) > LONGEST_LINE
    if not is_cut and _HINT.search(line) is None:
        return redaction.without_known(line)
    if time.monotonic() > deadline:
        return GONE
    line = KEYS.sub(GONE, redaction.without_tokens(line[:LONGEST_LINE]))
    for pattern, put in _PATTERNS:
        line = pattern.sub(put, line)
    # What the cut has torn stands behind what is shown.
    return f"{line[:SHOWN_OF_LINE]} {GONE}" if is_cut else line
