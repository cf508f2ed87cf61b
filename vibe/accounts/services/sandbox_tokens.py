"""Short-lived tokens for sandbox work, made from an API key: what the Vercel clients are given.

A JSON Web Token (RFC 7519, HS256). Nothing of the key is in it, it may do less than the key, and it
ends with the key, with its user, or after half a day.
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac

from vibe.accounts.models import ApiKey, User
from vibe.accounts.services import api_keys
from vibe.refusal import Code, Refusal

LIFETIME = timedelta(hours=12)
SCOPES = ("files", "read", "run")
LONGEST = 2048
AUDIENCE = "vibe-sandboxes"
_SALT = "vibe.accounts.sandbox_tokens"


def issue(key: ApiKey) -> str:
    """A token that does sandbox work as the user of `key` until that ends, at most for LIFETIME.

    Raises Refusal when the key may do none of it.
    """
    if not _scopes(key):
        raise Refusal(
            f"This API key may do nothing with sandboxes; its scopes are {', '.join(key.scopes)}.",
            f"Use a key with one of the scopes {', '.join(SCOPES)}.",
            Code.DENIED,
        )
    now = int(time.time())
    end = now + int(LIFETIME.total_seconds())
    if key.expires_at is not None:
        end = min(end, int(key.expires_at.timestamp()))
    claims = {"aud": AUDIENCE, "sub": key.pk, "iat": now, "exp": end}
    signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
    return f"{signed}.{_signature(signed)}"


def key_for(user: User, name: str) -> ApiKey:
    """The key that the tokens of `user` are made from: one row, which nobody has the key of, so
    that it can be seen and revoked among his others."""
    row = api_keys.list_for(user).filter(name=name, scopes=list(SCOPES), expires_at=None).first()
    return row or api_keys.create(user, name, SCOPES)[0]


def looks_like_one(token: str) -> bool:
    return token.count(".") == 2


def is_ours(token: str) -> bool:
    """Whether it was made here, working or not."""
    signed, _, signature = token.rpartition(".")
    if len(token) > LONGEST or not token.isascii() or not looks_like_one(token):
        return False
    return constant_time_compare(signature, _signature(signed))


def authenticate(token: str) -> tuple[ApiKey, datetime] | None:
    """The key that the token stands for, limited to sandbox work, and when the token ends; None
    for whatever is not a working token. The row is for looking at, not for saving."""
    if not is_ours(token):
        return None
    signed = token.rpartition(".")[0]
    claims = json.loads(_decoded(signed.partition(".")[2]))
    end = datetime.fromtimestamp(claims["exp"], UTC)
    if claims["aud"] != AUDIENCE or end <= datetime.now(UTC):
        return None
    key = api_keys.live(claims["sub"])
    if key is None:
        return None
    key.scopes = _scopes(key)
    return (key, end) if key.scopes else None


def _scopes(key: ApiKey) -> list[str]:
    return [scope for scope in SCOPES if not key.scopes or scope in key.scopes]


def _signature(signed: str) -> str:
    digest = salted_hmac(_SALT, signed, algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _encoded(part: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
