"""Creating sandboxes."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from sandboxes.host import isolation, shares
from sandboxes.models import Sandbox, Snapshot
from sandboxes.news import webhooks
from sandboxes.services import configuration, drives, environment, lifecycle, network
from sandboxes.services import limits as allowances
from sandboxes.services.snapshot_checks import check_usable
from vibe.accounts.models import User
from vibe.refusal import Refusal

_ADJECTIVES = ("amber", "brisk", "calm", "clear", "coral", "crisp", "dawn", "fern", "fine", "mild")
_NOUNS = ("brook", "cedar", "cove", "field", "grove", "harbor", "lake", "maple", "meadow", "reef")


def create_sandbox(
    owner: User,
    *,
    name: str = "",
    ports: Iterable[int] = (),
    env: dict[str, str] | None = None,
    timeout: int | None = None,
    limits: Mapping[str, float | None] | None = None,
    snapshot: Snapshot | None = None,
    idle_timeout: int | None = None,
    network_policy: Any = None,
    mounts: Mapping[str, tuple[str, str]] | None = None,
    start: bool = True,
) -> Sandbox:
    """Create a sandbox and ask for its first session, which begins with the files of `snapshot`.

    Raises Refusal. `idle_timeout` in seconds, 0 for none, None for the platform's.

    `limits` by the names of services.limits; None, or a name left out, is the default.
    `network_policy` in any form that services.network takes; None is the platform's default.
    `mounts`: {path: (drive, mode)} as services.drives takes them.
    """
    name = name.strip()
    if name:
        configuration.check_name(name)
    ports = configuration.checked_ports(ports)
    env = environment.checked(env or {})
    seconds = configuration.checked_timeout(
        timeout if timeout is not None else settings.SANDBOX_TIMEOUT
    )
    wishes = allowances.checked(limits or {})
    policy = {} if network_policy is None else network.checked(network_policy)
    places = drives.checked_mounts(owner, mounts) if mounts else {}
    if snapshot is not None:
        check_usable(snapshot, owner)
    if start:
        isolation.engine()
        lifecycle.check_quota(owner)
    for _ in range(8):
        try:
            with transaction.atomic():
                sandbox = Sandbox.objects.create(
                    owner=owner,
                    name=name or _made_up_name(),
                    number=shares.newest_number() + 1,
                    ports=ports,
                    env=env,
                    timeout=seconds,
                    limits=wishes,
                    network_policy=policy,
                    current_snapshot=snapshot,
                    next_snapshot=snapshot,
                    idle_timeout=idle_timeout,
                    mounts=places,
                    status=Sandbox.Status.STOPPED,
                )
                if start:
                    lifecycle.request_session(sandbox)
            webhooks.sandbox(sandbox, "created")
            return sandbox
        except IntegrityError:
            # Another sandbox took the number, or the made-up name: try the next.
            if name and Sandbox.objects.filter(owner=owner, name=name, deleted_at=None).exists():
                raise Refusal(
                    f"You have a sandbox named {name!r} already.",
                    "Choose another name, or delete that one.",
                    code="conflict",
                ) from None
    raise Refusal("The sandbox could not be numbered.", "Try again.", code="conflict")


def _made_up_name() -> str:
    words = secrets.choice(_ADJECTIVES), secrets.choice(_NOUNS)
    return f"{'-'.join(words)}-{secrets.randbelow(900) + 100}"
