"""A sandbox of one user with the files of a version of another user's.

Whoever calls has seen to it that the other user wants that.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from sandboxes.models import Checkpoint, Sandbox, SandboxEvent
from sandboxes.news import event_log
from sandboxes.services import checkpoint_snapshots, creating
from sandboxes.services.forks import MEANS_KEPT
from vibe.accounts.models import User


def remix(checkpoint: Checkpoint, owner: User, *, without: Collection[str] = ()) -> Sandbox:
    """A new sandbox of `owner` with the version's files, but for the paths `without`.

    Of the settings only what the files need to run goes along: ports, runtime and image.
    Environment, network policy, limits and tags are the platform's. It counts towards the quotas of
    its owner alone. Raises Refusal.
    """
    source = checkpoint.sandbox
    with transaction.atomic():
        means = checkpoint_snapshots.create(checkpoint, MEANS_KEPT, owner=owner, without=without)
        sandbox = creating.create_sandbox(owner, snapshot=means, ports=list(source.ports))
        sandbox.runtime, sandbox.image = source.runtime, source.image
        sandbox.save(update_fields=["runtime", "image"])
    kind = SandboxEvent.Kind.ACCESS
    event_log.record(
        source, kind, f"{owner} took the files of a version by a link.", by=owner.get_username()
    )
    event_log.record(sandbox, SandboxEvent.Kind.LIFECYCLE, "Made with files that were shared.")
    return sandbox
