"""Which commands the network policy has refused a host, so that a bare 403 explains itself.

The proxy knows the sandbox of a connection and not its program. A refusal is put down to what ran
at that moment: to commands in the foreground, and where there is none to those in the background,
to terminals and to what commands have left running.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from sandboxes.engine.egress.decision import NAMED, NOT_IN_POLICY, decide
from sandboxes.engine.egress.registries import Registries
from sandboxes.models import Command, SandboxSession
from sandboxes.news import events
from sandboxes.services import network, network_history

KEPT = ("host", "port", "reason", "at")
MOST_HOSTS = 16  # kept of one command
AGAIN_SECONDS = 60.0  # after which the same refusal is news again
SHELL_SECONDS = 900.0  # that a terminal speaks of a refusal: it outlives what one does in it
MOST_RECENT = 64  # commands that may have ended before a refusal is told


@dataclass(frozen=True)
class RefusedHost:
    """`name`: what the policy would list. `allowed`: whether it does by now. `allowable`: the
    owner can have it listed; else `why_not` says why not."""

    host: str
    port: int
    name: str
    reason: str
    sentence: str
    allowed: bool
    allowable: bool
    why_not: str = ""


def record(session_id: str, decided: list[dict[str, Any]]) -> None:
    """Write down what the proxy tells of a session: for the event log, and with the commands."""
    if fresh := [entry for entry in decided if not entry.get("repeated")]:
        network_history.record_decisions(session_id, fresh)
    session = SandboxSession.objects.filter(pk=session_id).first()
    if session is not None:
        attribute(session, decided)


def attribute(session: SandboxSession, decided: Iterable[dict[str, Any]]) -> None:
    """Put refusals, as the proxy tells them with their time, down to commands of the session."""
    refusals = [entry for entry in decided if not entry.get("allowed") and "at" in entry]
    if not refusals:
        return
    found = _around(session, min(entry["at"] for entry in refusals))
    changed: dict[str, Command] = {}
    for entry in refusals:
        for command in _running_at(found, datetime.fromtimestamp(entry["at"], UTC)):
            if _noted(command.refused, {name: entry[name] for name in KEPT}):
                changed[command.pk] = command
    for command in changed.values():
        Command.objects.filter(pk=command.pk).update(refused=command.refused)
    if changed:
        events.hosts_refused(session.sandbox_id, list(changed))


def of(command: Command) -> list[RefusedHost]:
    """What was refused while the command ran, and what can be done about it now."""
    if not command.refused:
        return []
    policy = network.policy_of(command.sandbox)
    found: list[RefusedHost] = []
    for entry in command.refused:
        if command.tty and time.time() - entry["at"] > SHELL_SECONDS:
            continue
        host, port, reason = entry["host"], entry["port"], entry["reason"]
        by_policy = reason == NOT_IN_POLICY
        name = network.listed_name(host, port)
        if any((one.name, one.reason) == (name, reason) for one in found):
            continue  # 80 and 443 are allowed together
        place = host if port in (80, 443) else f"{host}:{port}"
        if by_policy:
            why = f"The network policy of this sandbox refused {place}"
            sentence = f"{why}; it allows {NAMED[policy.mode]}."
        else:
            sentence = f"The way out of this sandbox did not lead to {place}: {reason}."
        allowed = by_policy and decide(policy, Registries([]), host, port).allowed
        why_not = "" if not by_policy or allowed else network.why_not_allowed(command.sandbox, name)
        if allowed:
            sentence = f"The network policy refused {place} then, and allows it now."
        allowable = by_policy and not allowed and not why_not
        found.append(RefusedHost(host, port, name, reason, sentence, allowed, allowable, why_not))
    return found


def in_words(command: Command) -> str:
    """The same for the model that ran the command; empty when nothing was refused."""
    sentences = []
    for refused in of(command):
        sentences.append(refused.sentence)
        if refused.allowable:
            sentences.append(
                f'Only the user can allow it, by the button "Allow {refused.name} here" on this '
                "command's card. Tell them so, or do without it."
            )
        elif refused.why_not:
            sentences.append(f"{refused.why_not} Do without it.")
    return " ".join(sentences)


def _noted(kept: list[dict[str, Any]], entry: dict[str, Any]) -> bool:
    """Put it into the list; whether that is news."""
    for known in kept:
        if all(known[name] == entry[name] for name in ("host", "port", "reason")):
            fresh = entry["at"] - known["at"] > AGAIN_SECONDS
            if fresh:
                known["at"] = entry["at"]
            return bool(fresh)
    if len(kept) >= MOST_HOSTS:
        return False
    kept.append(entry)
    return True


def _around(session: SandboxSession, since: float) -> list[Command]:
    """Commands that may have run at some moment from `since` on."""
    rows = Command.objects.filter(session=session)
    live = rows.filter(
        Q(status__in=[Command.Status.QUEUED, Command.Status.RUNNING]) | Q(left_processes__gt=0)
    )
    after = datetime.fromtimestamp(since, UTC)
    recent = rows.filter(finished_at__gte=after).order_by("-created_at")[:MOST_RECENT]
    return list({command.pk: command for command in (*live, *recent)}.values())


def _running_at(found: list[Command], at: datetime) -> list[Command]:
    def ran(command: Command) -> bool:
        # One that is quick gets its start recorded together with its end.
        began = command.started_at or command.created_at
        return began <= at and (command.finished_at is None or at <= command.finished_at)

    running = [command for command in found if ran(command)]
    foreground = [c for c in running if not c.background and not c.tty]
    left = [c for c in found if c.left_processes and c not in running]
    return foreground or [*running, *left]
