from __future__ import annotations

from typing import Any

import pytest

from vibe.accounts.models import User

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The real hasher takes a second on purpose; no test here is about it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def password() -> str:
    """The password of `user`."""
    return PASSWORD


@pytest.fixture
def user(db: None, quick_passwords: None) -> User:
    return User.objects.create_user("vera", password=PASSWORD)
