"""Takes secrets out of text that is about to be written down: log lines and error reports."""

from __future__ import annotations

import logging
import re
import threading

from vibe import env

GONE = "…"
SHORTEST = 6
MOST_KEPT_OUT = 500
# Secrets that came in at run time, the latest ones: of providers that users have entered.
_kept_out: dict[str, None] = {}
_lock = threading.Lock()
_HEADERS = (
    r"(?:proxy-)?authorization|(?:set-)?cookie|x-csrftoken|x-api-key|sec-websocket-protocol"
    r"|x-vercel-oidc-token"
)
_NAMES = (
    r"\w{0,40}(?:token|ticket|secret|passw(?:or)?d|api_?key|signature)"
    r"|[\w-]{0,40}(?:session|csrf)(?:id)?|_auth"
)
_QUOTE = r"(?:b?[\"'])?"
_TOKENS = (
    # Tokens of ours and of others, wherever they stand.
    (re.compile(r"\b(vibe_)[A-Za-z0-9]{20,}"), rf"\1{GONE}"),
    (re.compile(r"\b(eyJ)[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"), rf"\1{GONE}"),
    (
        re.compile(r"\b((?:sk|pk|rk|ghp|gho|ghs|npm|pypi|glpat|xox[abp])[-_])[\w-]{12,}"),
        rf"\1{GONE}",
    ),
    (re.compile(r"(/sign-in/|/shared/|/vibe-link/)[\w-]{20,}"), rf"\1{GONE}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {GONE}"),
    (re.compile(r"(://)[^/\s@'\"]+@"), rf"\1{GONE}@"),
    # What stands behind a name that says so: a header,
    (
        re.compile(rf"(?i)({_QUOTE}\b(?:{_HEADERS}){_QUOTE}\s*[:=,]\s*{_QUOTE})[^\r\n\"']+"),
        rf"\1{GONE}",
    ),
)
_PATTERNS = (
    *_TOKENS,
    # a field of a form, a key of a mapping.
    (
        re.compile(rf"(?i)((?<![a-z])(?:{_NAMES}){_QUOTE}\s*[:=]\s*{_QUOTE})[^\s\"'&;,{GONE}]+"),
        rf"\1{GONE}",
    ),
)
# Words for one use, keys of sessions, digests: nobody reads them, and no name is like that.
_OPAQUE = re.compile(r"(?<![\w-])[\w-]{32,}(?![\w-])")


def keep_out(secret: str) -> None:
    """From now on leave this secret out of everything that this process writes down."""
    if len(secret) < SHORTEST:
        return
    with _lock:
        _kept_out.pop(secret, None)
        _kept_out[secret] = None
        while len(_kept_out) > MOST_KEPT_OUT:
            del _kept_out[next(iter(_kept_out))]


def without_known(text: str) -> str:
    """The text without the secrets that are known by value."""
    with _lock:
        known = [*env.SECRETS, *_kept_out]
    for secret in known:
        if secret in text:
            text = text.replace(secret, GONE)
    return text


def without_tokens(text: str) -> str:
    """The text without what is a token by its form, and without the secrets that are known by
    value. What only stands behind a telling name stays, so that code can be read."""
    text = without_known(text)
    for pattern, put in _TOKENS:
        text = pattern.sub(put, text)
    return _OPAQUE.sub(_without_opaque, text)


def redacted(text: str) -> str:
    """The text without what looks like a secret and without the values of secret settings."""
    text = without_known(text)
    for pattern, put in _PATTERNS:
        text = pattern.sub(put, text)
    return _OPAQUE.sub(_without_opaque, text)


def _without_opaque(found: re.Match[str]) -> str:
    text = found[0]
    has_digit = any(one.isdigit() for one in text)
    is_mixed = text != text.lower() and text != text.upper()
    is_plain = text.isalnum() and not text.isdigit()
    return GONE if has_digit and (is_mixed or is_plain) else text


class RedactingFormatter(logging.Formatter):
    """Formats a record, its traceback included, and takes the secrets out."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))
