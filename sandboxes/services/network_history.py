"""What is kept of a sandbox's network: who was let out and who was not, how much has moved."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from sandboxes.models import Sandbox, SandboxEvent, SandboxSession
from sandboxes.news import event_log

MOST_EVENTS = 1000


def decisions(sandbox: Sandbox) -> QuerySet[SandboxEvent]:
    """What was let out and what was not, newest first."""
    return event_log.list_for(sandbox).filter(kind=SandboxEvent.Kind.NETWORK)


def record_decisions(session_id: str, decided: list[dict[str, Any]]) -> None:
    """Write what the proxy tells to the sandbox's event log, and keep that bounded."""
    session = SandboxSession.objects.select_related("sandbox").filter(pk=session_id).first()
    if session is None:
        return
    sandbox = session.sandbox
    event_log.record_all(
        event_log.entry(sandbox, SandboxEvent.Kind.NETWORK, _sentence(entry), **entry)
        for entry in decided
    )
    oldest = decisions(sandbox).values_list("pk", flat=True)[MOST_EVENTS : MOST_EVENTS + 1]
    if last := list(oldest):
        decisions(sandbox).filter(pk__lte=last[0]).delete()


def record_traffic(session_id: str, ingress: int, egress: int) -> None:
    """Add to what went between a session's sandbox and the outside, in bytes."""
    SandboxSession.objects.filter(pk=session_id).update(
        ingress_bytes=F("ingress_bytes") + ingress, egress_bytes=F("egress_bytes") + egress
    )
    Sandbox.objects.filter(sessions=session_id).update(
        total_ingress_bytes=F("total_ingress_bytes") + ingress,
        total_egress_bytes=F("total_egress_bytes") + egress,
    )


def record_failure(session_id: str, why: str) -> None:
    _record(session_id, f"The sandbox has no network: its way out could not be opened. {why}")


def record_no_link(session_id: str, why: str) -> None:
    _record(session_id, f"Only programs that use a proxy reach the network. {why}")


def _record(session_id: str, text: str) -> None:
    session = SandboxSession.objects.select_related("sandbox").filter(pk=session_id).first()
    if session is not None:
        event_log.record(session.sandbox, SandboxEvent.Kind.NETWORK, text)


def _sentence(entry: dict[str, Any]) -> str:
    if not entry.get("host"):
        word = "allowed" if entry.get("allowed") else "refused"
        return f"{entry.get('count', 0)} further connections were {word} within a minute."
    place = f"{entry['host']}:{entry['port']}"
    if entry["allowed"]:
        return f"Allowed {place} ({entry['reason']})."
    return f"Refused {place}: {entry['reason']}."
