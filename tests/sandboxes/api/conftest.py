from __future__ import annotations

from tests.vibe.api.fixtures import alice, as_alice, as_bob, bob

__all__ = ["alice", "as_alice", "as_bob", "bob"]
