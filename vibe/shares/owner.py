"""On whose account the present work goes: a user where one is known, else an address."""

from __future__ import annotations

from contextvars import ContextVar

# Who does not say so shares one account.
_owner: ContextVar[str] = ContextVar("owner", default="nobody")


def of_user(user_id: int) -> str:
    return f"user {user_id}"


def of_address(address: str) -> str:
    return f"address {address}"


def set_owner(owner: str) -> None:
    """From here on, in this task or thread and in what it starts, the work is `owner`'s."""
    _owner.set(owner)


def owner() -> str:
    """The owner of the present work; the name of an account, for `Shares`."""
    return _owner.get()
