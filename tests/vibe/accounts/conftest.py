from __future__ import annotations

import pytest

from vibe.accounts.models import User

PASSWORD = "correct horse battery"


@pytest.fixture
def password() -> str:
    """The password of `user`."""
    return PASSWORD


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("vera", password=PASSWORD)
