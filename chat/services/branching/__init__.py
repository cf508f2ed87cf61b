"""Conversations that go on from another place: forks, copies, earlier attempts."""
