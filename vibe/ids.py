"""Identifiers: unguessable, lower case, safe in a host name, a path and a URL."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.ascii_lowercase + string.digits
LENGTH = 20


def new_id(prefix: str = "") -> str:
    """Return `prefix` followed by 20 random characters of [a-z0-9] (103 bits)."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
