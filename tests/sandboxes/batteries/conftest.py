from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.platform import Platform
from tests.fixtures.running import running


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """Each file counts on, and kills, one of its own."""
    with running() as started:
        yield started
