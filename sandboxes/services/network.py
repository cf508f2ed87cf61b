"""The network policy of a sandbox, what it has decided, and what the way out needs."""

from __future__ import annotations

import json
import time
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from sandboxes.engine.egress.decision import NAMED
from sandboxes.engine.egress.policy import Policy, PolicyError, parse, stored
from sandboxes.host import registries
from sandboxes.models import Sandbox, SandboxEvent, SandboxSession
from sandboxes.news import event_log, events
from sandboxes.services.queues import queue_of
from vibe.data.prepared import Prepared
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal
from vibe.streams.stream import EventStream

APPLY_JOB = "sandboxes.jobs.apply_network_policy"
APPLY_SECONDS = 5.0
MOST_EVENTS = 1000


_with_sandbox = Prepared(
    lambda session: SandboxSession.objects.select_related("sandbox").filter(pk=session)
)


def checked(request: Any) -> dict[str, Any]:
    """The stored form of a policy in any form that clients use. Raises Refusal."""
    try:
        return stored(parse(request))
    except PolicyError as error:
        raise Refusal(
            f"This is not a network policy. {error}",
            'Send "deny-all", "registries", "internet", or {"allow": ["example.com"]}.',
        ) from None


def policy_of(sandbox: Sandbox) -> Policy:
    """What holds for a sandbox; nothing is let out when the row cannot be read."""
    try:
        return parse(sandbox.network_policy or settings.NETWORK_POLICY)
    except PolicyError:
        return Policy(mode="deny-all")


def set_policy(sandbox: Sandbox, request: Any, *, wait: float = APPLY_SECONDS) -> Policy:
    """Change the policy, of a running sandbox at once: new connections follow it, and open ones
    that it forbids are ended. Waits until that is done, `wait` seconds at most. Raises
    Refusal."""
    policy = checked(request)
    seen = position(sandbox)
    Sandbox.objects.filter(pk=sandbox.pk).update(network_policy=policy)
    sandbox.network_policy = policy
    put_into_force(sandbox, seen, wait)
    return parse(policy)


def position(sandbox: Sandbox) -> int:
    """Where the sandbox's events stand; from here on one tells when a policy is in force."""
    return EventStream(events.sandbox_key(sandbox.id)).last()


def put_into_force(sandbox: Sandbox, seen: int, wait: float) -> None:
    """Record the policy that the row has got, and have a running sandbox follow it; waits, `wait`
    seconds at most, for the event that tells so after `seen`."""
    policy = sandbox.network_policy
    words = NAMED[policy["mode"]]
    if policy["mode"] == "registries" and (listed := policy.get("allow")):
        words = f"package registries, and {', '.join(listed)}"
    event_log.record(
        sandbox, SandboxEvent.Kind.NETWORK, f"The network policy is now {policy['mode']}: {words}.",
        policy=policy["mode"],
    )  # fmt: skip
    if sandbox.session is not None and sandbox.is_live:
        enqueue(queue_of(sandbox.session), APPLY_JOB, sandbox.session.id)
        if wait > 0:
            _wait_for(EventStream(events.sandbox_key(sandbox.id)), seen, wait)


def from_json(body: bytes) -> Any:
    """A request's body. Raises Refusal."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("The body is not JSON.", 'Send for example "registries".') from None


def set_hosts(sandbox: Sandbox, mode: str, hosts: list[str]) -> None:
    """Change mode and hosts alone: rules of hosts that stay are kept, and so are denied ranges.
    Raises Refusal."""
    old = stored(policy_of(sandbox))
    known = old.get("allow", {})
    request: dict[str, Any] = {"mode": mode}
    if mode in ("registries", "custom"):
        request["allow"] = {host: known.get(host.lower(), []) for host in hosts}
    if mode != "deny-all" and "subnets" in old:
        request["subnets"] = old["subnets"]
    set_policy(sandbox, request)


def applied(session_id: str) -> None:
    """Tell those who wait that the policy is in force."""
    session = SandboxSession.objects.get(pk=session_id)
    events.network_changed(session.sandbox_id)


def live_policy(session_id: str) -> dict[str, Any]:
    """The stored form of what holds for a session's sandbox now."""
    session = _with_sandbox.first(session_id)
    if session is None:
        raise SandboxSession.DoesNotExist(session_id)
    return stored(policy_of(session.sandbox))


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
    session = SandboxSession.objects.select_related("sandbox").filter(pk=session_id).first()
    if session is not None:
        text = f"The sandbox has no network: its way out could not be opened. {why}"
        event_log.record(session.sandbox, SandboxEvent.Kind.NETWORK, text)


def in_words(sandbox: Sandbox) -> str:
    """What programs in the sandbox reach, for the model that works in it."""
    policy = policy_of(sandbox)
    hosts = [*policy.allow, *(registries.hosts() if policy.mode == "registries" else [])]
    reached = NAMED[policy.mode]
    if hosts and policy.mode in ("registries", "custom"):
        reached += f" ({', '.join(hosts[:20])})"
    return reached


def _sentence(entry: dict[str, Any]) -> str:
    if not entry.get("host"):
        word = "allowed" if entry.get("allowed") else "refused"
        return f"{entry.get('count', 0)} further connections were {word} within a minute."
    place = f"{entry['host']}:{entry['port']}"
    if entry["allowed"]:
        return f"Allowed {place} ({entry['reason']})."
    return f"Refused {place}: {entry['reason']}."


def _wait_for(stream: EventStream, seen: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        newest = stream.wait(seen, min(left, 1.0))
        if any(event.get("type") == "network" for _, event in stream.read(seen)):
            return
        seen = newest
