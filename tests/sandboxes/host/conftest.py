"""Sandboxes that know the package indexes of this machine."""

from __future__ import annotations

import pytest

from sandboxes.host import isolation, registries
from sandboxes.models import Sandbox


@pytest.fixture
def discovered(settings, transactional_db) -> None:
    """The registries of this machine are known before a sandbox starts."""
    settings.EGRESS_DISCOVERY = True
    registries.refreshed()


@pytest.fixture
def rooted(discovered, sandbox) -> Sandbox:
    """A running sandbox that has a root of its own."""
    if not isolation.root_of_its_own():
        pytest.skip("there is no root in sandboxes here")
    return sandbox
