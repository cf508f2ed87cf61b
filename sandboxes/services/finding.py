"""The sandboxes of a user, and the errors that say one is not there or does not run."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from sandboxes.models import Sandbox, SandboxSession
from vibe.accounts.models import User
from vibe.accounts.services.rights import Subject
from vibe.data.prepared import Prepared
from vibe.refusal import Refusal


def list_for(user: User) -> QuerySet[Sandbox]:
    return Sandbox.objects.filter(owner=user, deleted_at=None).select_related("session")


_of_user = Prepared(
    lambda user, id_or_name: list_for(user).filter(Q(pk=id_or_name) | Q(name=id_or_name))
)


def get_for(user: User, id_or_name: str) -> Sandbox:
    """The user's sandbox by id or name. Raises Refusal, code not_found."""
    found = _of_user.first(user.pk, id_or_name)
    if found is None:
        raise not_found()
    return found


def anybodys(sandbox_id: str) -> Sandbox | None:
    """The sandbox of that id whoever it belongs to, if its owner may sign in."""
    rows = Sandbox.objects.filter(pk=sandbox_id, deleted_at=None, owner__is_active=True)
    return rows.select_related("owner").first()


def owners(ids: Collection[str]) -> dict[str, int]:
    """The owners of those sandboxes that are not deleted."""
    rows = Sandbox.objects.filter(pk__in=ids, deleted_at=None)
    return dict(rows.values_list("pk", "owner_id"))


def subject(sandbox_id: str) -> Subject:
    """The sandbox, as what an open connection is about."""
    return Subject(sandbox_id, owners)


def running_session(sandbox: Sandbox) -> SandboxSession:
    """The session that runs now. Raises Refusal, code not_running."""
    session = SandboxSession.objects.filter(
        pk=sandbox.session_id, status=SandboxSession.Status.RUNNING
    ).first()
    if session is None:
        raise not_running(sandbox)
    return session


_another = Prepared(
    lambda sandbox, session: SandboxSession.objects.filter(sandbox_id=sandbox).exclude(pk=session)
)


def is_first(session: SandboxSession) -> bool:
    """Whether its sandbox has had no other."""
    return _another.first(session.sandbox_id, session.pk) is None


def not_found() -> Refusal:
    return Refusal("There is no such sandbox.", "List yours to see what there is.", "not_found")


def not_running(sandbox: Sandbox) -> Refusal:
    starting = sandbox.status == Sandbox.Status.PENDING
    return Refusal(
        f"The sandbox {sandbox.name} is not running: {sandbox.why}.",
        "Wait until it runs." if starting else "Resume it; its files are all there.",
        code="not_running",
    )
