"""One-time sign-in links: how the first administrator, and anybody without a password, gets in."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from vibe.accounts.models import SignInLink, User
from vibe.refusal import Refusal

VALID_FOR = timedelta(hours=24)
KEPT = timedelta(days=30)  # to be seen in the admin; a new link takes the old ones away
NEW_LINK = "Make a new one with: python3 manage.py sign_in_link"


def first_link(base_url: str) -> str | None:
    """Return a fresh link for the first administrator while no administrator ever signed in.

    Makes that administrator (without a password) when there is none; None once one signed in.
    base_url: the platform's address as browsers see it.
    """
    if User.objects.filter(is_superuser=True, is_active=True, last_login__isnull=False).exists():
        return None
    return link_for(first_administrator(), base_url)


def first_administrator() -> User:
    """Return the oldest administrator that may sign in; make one when there is none."""
    with transaction.atomic():
        administrators = User.objects.filter(is_superuser=True, is_active=True)
        return administrators.order_by("pk").first() or _make_administrator()


def _make_administrator() -> User:
    # A plain user who happens to bear the name must not become administrator by it.
    names = ["admin", "administrator", *(f"admin{number}" for number in range(2, 100))]
    taken = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    user = User(
        username=next(name for name in names if name not in taken),
        is_superuser=True,
        is_staff=True,
    )
    user.set_unusable_password()
    user.save()
    return user


def link_for(user: User, base_url: str) -> str:
    """Return a new link that signs `user` in once within a day; his earlier ones end now."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    with transaction.atomic():
        SignInLink.objects.filter(user=user, used_at=None, expires_at__gt=now).update(
            expires_at=now
        )
        SignInLink.objects.filter(user=user, expires_at__lt=now - KEPT).delete()
        SignInLink.objects.create(user=user, digest=_digest(token), expires_at=now + VALID_FOR)
    return base_url.rstrip("/") + reverse("accounts:sign_in_link", args=[token])


def check(token: str) -> SignInLink:
    """Return the link of `token` while it can be used, else raise Refusal saying why not."""
    link = SignInLink.objects.select_related("user").filter(digest=_digest(token)).first()
    if link is None:
        raise Refusal("This sign-in link is not known here.", NEW_LINK)
    if link.used_at is not None:
        raise Refusal("This sign-in link has been used; each works once.", NEW_LINK)
    if link.expires_at <= timezone.now():
        raise Refusal("This sign-in link is no longer valid.", NEW_LINK)
    if not link.user.is_active:
        raise Refusal("This user is switched off.", "Ask an administrator.")
    return link


def redeem(token: str) -> User:
    """Use up the link of `token` and return its user; Refusal when it cannot be used."""
    link = check(token)
    now = timezone.now()
    # Of two requests with the same link, one finds the row unused and the other does not.
    used = SignInLink.objects.filter(
        pk=link.pk, used_at=None, expires_at__gt=now, user__is_active=True
    ).update(used_at=now)
    if not used:
        raise Refusal("This sign-in link has been used; each works once.", NEW_LINK)
    return link.user


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
