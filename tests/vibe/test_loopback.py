from __future__ import annotations

import pytest

from vibe.loopback import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_only_this_machine_reaches_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "vibe.example", ""])
def test_other_machines_reach_everything_else(host: str) -> None:
    assert not is_loopback(host)
