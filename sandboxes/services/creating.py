"""Creating sandboxes."""

from __future__ import annotations

import secrets
from typing import Any, Unpack, cast

from django.conf import settings
from django.db import IntegrityError, transaction

from sandboxes.host import isolation, shares
from sandboxes.models import Sandbox, Snapshot
from sandboxes.news import webhooks
from sandboxes.services import configuration, lifecycle, quotas
from sandboxes.services.configuration import Changes
from sandboxes.services.snapshot_checks import check_fits, check_usable, size_of
from vibe.accounts.models import User
from vibe.refusal import Refusal

# Numbers and made-up names are tried until nobody else has them.
TRIES = 8
_ADJECTIVES = ("amber", "brisk", "calm", "clear", "coral", "crisp", "dawn", "fern", "fine", "mild")
_NOUNS = ("brook", "cedar", "cove", "field", "grove", "harbor", "lake", "maple", "meadow", "reef")


def create_sandbox(
    owner: User,
    *,
    snapshot: Snapshot | None = None,
    start: bool = True,
    preview_access: str = "",
    **wishes: Unpack[Changes],
) -> Sandbox:
    """Create a sandbox and ask for its first session, which begins with the files of `snapshot`.

    What is left out of the wishes, or None, is the platform's default; an empty name is made up.
    preview_access: Sandbox.PreviewAccess of its ports.
    Raises Refusal.
    """
    given = cast(Changes, {wish: value for wish, value in wishes.items() if value is not None})
    name = given.pop("name", "").strip()
    if name:
        given["name"] = name
    given.setdefault("timeout", settings.SANDBOX_TIMEOUT)
    values = configuration.checked(owner, given)
    values["preview_access"] = preview_access or settings.PREVIEW_ACCESS
    if snapshot is not None:
        check_usable(snapshot, owner)
    if start:
        isolation.engine()
    for _ in range(TRIES):
        values["name"] = name or _made_up_name()
        try:
            return _create(owner, values, snapshot, start)
        except IntegrityError:
            # Another sandbox took the number, or the made-up name: try the next.
            if name and Sandbox.objects.filter(owner=owner, name=name, deleted_at=None).exists():
                raise Refusal(
                    f"You have a sandbox named {name!r} already.",
                    "Choose another name, or delete that one.",
                    code="conflict",
                ) from None
    raise Refusal("The sandbox could not be numbered.", "Try again.", code="conflict")


def _create(owner: User, values: dict[str, Any], snapshot: Snapshot | None, start: bool) -> Sandbox:
    """Raises IntegrityError when the name or the number is taken."""
    size = size_of(snapshot) if snapshot else 0
    with transaction.atomic():
        quotas.take_turn(owner.pk)
        quotas.check_new_sandbox(owner.pk, size)
        sandbox = Sandbox(
            owner=owner,
            number=shares.newest_number() + 1,
            current_snapshot=snapshot,
            next_snapshot=snapshot,
            status=Sandbox.Status.STOPPED,
            disk_bytes=size,
            **values,
        )
        if snapshot is not None:
            check_fits(snapshot, sandbox)
        sandbox.save(force_insert=True)
        if start:
            lifecycle.request_session(sandbox)
    webhooks.sandbox(sandbox, "created")
    return sandbox


def _made_up_name() -> str:
    words = secrets.choice(_ADJECTIVES), secrets.choice(_NOUNS)
    return f"{'-'.join(words)}-{secrets.randbelow(900) + 100}"
