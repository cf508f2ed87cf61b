"""Keys of providers as they lie in the database: sealed by a key made from the platform's own."""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from chat.providers.errors import ProviderError
from vibe import redaction

PURPOSE = b"vibe: keys of model providers"


def sealed(key: str) -> str:
    """The key as it may be stored."""
    redaction.keep_out(key)
    return _box().encrypt(key.encode()).decode("ascii") if key else ""


def opened(stored: str) -> str:
    """The key of what `sealed` gave. From now on this process leaves it out of its logs.

    Raises ProviderError when it was sealed by another key of the platform.
    """
    if not stored:
        return ""
    try:
        key = _box().decrypt(stored.encode("ascii")).decode()
    except (InvalidToken, ValueError):
        raise ProviderError(
            "The provider's key cannot be read",
            "It was kept with another VIBE_SECRET_KEY. Enter it again under Settings, Models, or "
            "name the former one in VIBE_SECRET_KEY_FORMER.",
            "settings",
        ) from None
    redaction.keep_out(key)
    return key


def _box() -> MultiFernet:
    return _made((settings.SECRET_KEY, *settings.SECRET_KEY_FORMER))


@cache
def _made(secrets: tuple[str, ...]) -> MultiFernet:
    """Seals with the first; opens with any."""
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return base64.urlsafe_b64encode(derivation.derive(secret.encode()))
