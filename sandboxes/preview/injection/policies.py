"""What a page's own Content-Security-Policy must add, so that our script may run (CSP 3).

Least of all: a script within the page is named by its hash, which allows these very bytes and
nothing else. Where scripts within the page may run anyhow, nothing is added: a hash would take that
right away from all others.
"""

from __future__ import annotations

import re

NAMES = {b"content-security-policy", b"content-security-policy-report-only"}
# The first of them that a policy has decides.
DECIDING = (b"script-src-elem", b"script-src", b"default-src")
_EXACT = re.compile(rb"'(?:nonce-|sha(?:256|384|512)-)[^']*'", re.IGNORECASE)


def allowing(value: bytes, source: bytes) -> bytes:
    """A header's policies with `source`, a hash, among their scripts."""
    return b",".join(_allowing(policy, source) for policy in value.split(b","))


def _allowing(policy: bytes, source: bytes) -> bytes:
    directives = policy.split(b";")
    places: dict[bytes, int] = {}
    for at, directive in enumerate(directives):
        words = directive.split()
        if words:
            places.setdefault(words[0].lower(), at)  # of two the first holds
    deciding = next((places[name] for name in DECIDING if name in places), None)
    if deciding is None:
        return policy
    name, *sources = directives[deciding].split()
    if _runs_anyhow(sources):
        return policy
    kept = [one for one in sources if one.lower() != b"'none'"]
    before = b" " if directives[deciding][:1].isspace() else b""
    directives[deciding] = before + b" ".join([name, *kept, source])
    return b";".join(directives)


def _runs_anyhow(sources: list[bytes]) -> bool:
    """Whether any script within the page may run."""
    lower = [one.lower() for one in sources]
    exact = b"'strict-dynamic'" in lower or any(_EXACT.fullmatch(one) for one in sources)
    return b"'unsafe-inline'" in lower and not exact
