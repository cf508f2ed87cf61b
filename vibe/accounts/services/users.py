"""Making users by hand, for commands."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from vibe.accounts.models import User
from vibe.refusal import Code, Refusal


def get(username: str) -> User:
    """Return the active user of that name, or raise Refusal."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise Refusal(f"There is no user called {username}.", code=Code.NOT_FOUND)
    if not user.is_active:
        raise Refusal(f"The user {username} is switched off.", "An administrator can change it.")
    return user


def get_or_create(username: str) -> User:
    """Return the active user of that name; make one without a password when there is none."""
    if User.objects.filter(username=username).exists():
        return get(username)
    user = User(username=username)
    user.set_unusable_password()
    try:
        user.full_clean()
    except ValidationError as error:
        raise Refusal(f"{username!r} cannot be a user name: {' '.join(error.messages)}") from None
    user.save()
    return user
