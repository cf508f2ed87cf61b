from __future__ import annotations

import pytest
from django.test import Client

from vibe.accounts.models import User


@pytest.fixture
def page(alice: User) -> Client:
    """Alice's browser."""
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def other(bob: User) -> Client:
    client = Client()
    client.force_login(bob)
    return client
