from __future__ import annotations

import pytest
from django.test import Client

from tests.fixtures.people import client_of
from vibe.accounts.models import User


@pytest.fixture
def as_owner(owner: User) -> Client:
    """A program of the user to whom the running `sandbox` belongs."""
    return client_of(owner)
