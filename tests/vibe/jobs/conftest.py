from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def on_redis(redis: object) -> None:
    """All of these speak to a real server."""
