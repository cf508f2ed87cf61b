"""The network policy of a sandbox, what it has decided, and what the way out needs."""

from __future__ import annotations

import json
import time
from typing import Any

from django.conf import settings
from django.db import transaction

from sandboxes.engine.egress.decision import NAMED
from sandboxes.engine.egress.domains import WEB_PORTS, normal_host
from sandboxes.engine.egress.policy import Policy, PolicyError, parse, stored
from sandboxes.host import registries, scaffolds
from sandboxes.models import Sandbox, SandboxEvent, SandboxSession
from sandboxes.news import event_log, events
from sandboxes.services import network_ceiling
from sandboxes.services.queues import queue_of
from vibe.data.prepared import Prepared
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal
from vibe.streams.stream import EventStream

APPLY_JOB = "sandboxes.jobs.apply_network_policy"
APPLY_SECONDS = 5.0
MOST_TOLD = 100  # commands whose refusals pages look at again


_with_sandbox = Prepared(
    lambda session: SandboxSession.objects.select_related("sandbox").filter(pk=session)
)


def checked(request: Any) -> dict[str, Any]:
    """The stored form of a policy in any form that clients use. Raises Refusal."""
    try:
        policy = parse(request)
    except PolicyError as error:
        raise Refusal(
            f"This is not a network policy. {error}",
            'Send "deny-all", "registries", "internet", or {"allow": ["example.com"]}.',
        ) from None
    network_ceiling.check(policy)
    return stored(policy)


def policy_of(sandbox: Sandbox) -> Policy:
    """What holds for a sandbox; nothing is let out when the row cannot be read."""
    try:
        policy = parse(sandbox.network_policy) if sandbox.network_policy else _default()
    except PolicyError:
        return Policy(mode="deny-all")
    return network_ceiling.lowered(policy)


def _default() -> Policy:
    """What a sandbox reaches whose owner has said nothing."""
    mode = settings.NETWORK_POLICY
    opened = scaffolds.hosts(settings.NETWORK_SCAFFOLDS) if mode == "registries" else []
    return parse({"mode": mode, "allow": opened} if opened else mode)


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
    if listed := ", ".join(policy.get("allow", {})):
        only = {"registries": "package registries, and ", "internet": f"{words}, and "}
        words = f"{only.get(policy['mode'], '')}{listed}"
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


def allow_host(
    sandbox: Sandbox, host: str, port: int = 443, *, wait: float = APPLY_SECONDS
) -> Policy:
    """Have the policy list one more host, as it stands otherwise; of a sandbox without any network
    it becomes the only one. Raises Refusal."""
    try:
        name = listed_name(normal_host(host), port)
    except ValueError as error:
        raise Refusal(str(error), "Send a host such as example.com, and perhaps a port.") from None
    with transaction.atomic():
        # Of two who allow a host at the same time, both are to be heard.
        locked = Sandbox.objects.select_for_update().get(pk=sandbox.pk)
        request = _with_host(policy_of(locked), name)
        policy = checked(request)
        seen = position(sandbox)
        Sandbox.objects.filter(pk=sandbox.pk).update(network_policy=policy)
    sandbox.network_policy = policy
    put_into_force(sandbox, seen, wait)
    events.hosts_refused(
        sandbox.pk,
        list(sandbox.commands.exclude(refused=[]).order_by("-created_at")
             .values_list("pk", flat=True)[:MOST_TOLD]),
    )  # fmt: skip
    return parse(policy)


def listed_name(host: str, port: int) -> str:
    """How a policy lists a host for the port that was asked for."""
    place = f"[{host}]" if ":" in host else host
    return place if port in WEB_PORTS else f"{place}:{port}"


def why_not_allowed(sandbox: Sandbox, name: str) -> str:
    """Why the owner cannot have this host listed; empty when he can."""
    try:
        checked(_with_host(policy_of(sandbox), name))
    except Refusal as refusal:
        return refusal.message
    return ""


def _with_host(policy: Policy, name: str) -> dict[str, Any]:
    request = stored(policy)
    if policy.mode == "deny-all":
        request["mode"] = "custom"
    known = request.get("allow", {})
    return {**request, "allow": {**known, name: known.get(name, [])}}


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


def in_words(sandbox: Sandbox) -> str:
    """What programs in the sandbox reach, for the model that works in it."""
    policy = policy_of(sandbox)
    hosts = [*policy.allow, *(registries.hosts() if policy.mode == "registries" else [])]
    reached = NAMED[policy.mode]
    if hosts and policy.mode in ("registries", "custom"):
        reached += f" ({', '.join(hosts[:20])})"
    return reached


def _wait_for(stream: EventStream, seen: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        newest = stream.wait(seen, min(left, 1.0))
        if any(event.get("type") == "network" for _, event in stream.read(seen)):
            return
        seen = newest
