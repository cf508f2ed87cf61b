from __future__ import annotations

import pytest
from django.test import Client

from tests.vibe.api.fixtures import alice, as_alice, as_bob, bob, client_of
from vibe.accounts.models import User

__all__ = ["alice", "as_alice", "as_bob", "bob"]


@pytest.fixture
def as_owner(owner: User) -> Client:
    """A program of the user to whom the running `sandbox` belongs."""
    return client_of(owner)
