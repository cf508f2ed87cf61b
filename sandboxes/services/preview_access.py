"""Saying who may enter the preview of a port, and letting them in.

A preview is a host of its own, where no cookie of the platform is ever seen. Whoever may enter gets
a ticket: a word that is good once, for seconds, for that user, sandbox and port, and in the very
browser that asked. The preview's host takes it for a cookie of its own, behind which stands what
the person was let in by: the entry ends with that.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.db import transaction
from django.utils import timezone

from sandboxes.engine.ports import IN_WORDS, is_usable
from sandboxes.models import PortAccess, Sandbox, SandboxEvent
from sandboxes.news import event_log
from sandboxes.services import ports, preview_rules
from sandboxes.services.preview_rules import Access, Rule
from vibe.accounts.models import User
from vibe.accounts.services import rights, tickets
from vibe.accounts.services.rights import Held, Right
from vibe.refusal import Refusal

ENTER, LINK, GO_ON = "/.well-known/vibe-enter", "/.well-known/vibe-link/", "/.well-known/vibe-go-on"
WAKE = "/.well-known/vibe-wake"
TICKET_SECONDS = 15
# Since the last request: then its browser is led through the platform once more.
ENTRY_SECONDS = 12 * 3600
LONGEST = 366 * 86_400
MOST_PORTS = 64
_TICKET, _PASS, _ENTRY = "preview-ticket", "preview-pass", "preview-entry"


@dataclass(frozen=True)
class Entry:
    """Somebody who is in: what that rests on, and the way, as in services.preview_rules."""

    held: Held
    way: str


def change(
    sandbox: Sandbox, port: int, access: str, *, by: User, expires_in: int | None = None
) -> Rule:
    """Say who may enter. expires_in: seconds until it is private again. Of what is shared by link
    already the link stays, and another `expires_in` holds for it. Raises Refusal."""
    if not is_usable(port):
        raise Refusal(f"Port {port} has no preview.", f"There are {IN_WORDS}.")
    if access not in Access.values:
        raise Refusal(f"{access!r} is no access.", f"There are {', '.join(Access.values)}.")
    if expires_in is not None and (access == Access.PRIVATE or not 0 < expires_in <= LONGEST):
        raise Refusal(
            "That cannot be the time after which it is private again.",
            f"Give 1 to {LONGEST} seconds, for what is not private.",
        )
    until = timezone.now() + timedelta(seconds=expires_in) if expires_in else None
    with transaction.atomic():
        # Of two that change it at once one waits.
        Sandbox.objects.select_for_update().get(pk=sandbox.pk)
        others = PortAccess.objects.filter(sandbox=sandbox).exclude(port=port)
        if others.count() >= MOST_PORTS:
            raise Refusal(
                f"Of {MOST_PORTS} ports is said who may enter.", "Others stay as they are.", "limit"
            )
        before = preview_rules.rule_of(sandbox, port)
        nonce = ""
        if access == Access.LINK:
            kept = before.nonce if before.now == Access.LINK else ""
            nonce = kept or secrets.token_hex(16)
        rule = Rule(access, nonce, until)
        PortAccess.objects.update_or_create(
            sandbox=sandbox,
            port=port,
            defaults={
                "access": access,
                "nonce": nonce,
                "expires_at": until,
                "changed_by": by,
                "changed_at": timezone.now(),
            },
        )
        event_log.record(
            sandbox,
            SandboxEvent.Kind.ACCESS,
            _sentence(port, before, rule, by),
            port=port,
            access=access,
            before=before.now,
            until=until.isoformat() if until else None,
            by=by.get_username(),
        )
    return rule


def link(sandbox: Sandbox, port: int, rule: Rule | None = None) -> str:
    """The address to give to others; empty where there is none: it is private, or for the team."""
    rule = rule or preview_rules.rule_of(sandbox, port)
    address = ports.url(sandbox, port)
    if rule.is_open or rule.now == Access.TEAM:
        return address
    word = preview_rules.secret(sandbox.pk, port, rule)
    return f"{address.rstrip('/')}{LINK}{word}" if word else ""


def ticket_for(sandbox: Sandbox, port: int, who: User, seconds: int = TICKET_SECONDS) -> str:
    """The address by which a browser of the platform's own, which nobody is signed in to, enters
    the preview once as `who`. What it opens ends after so many seconds, like the ticket."""
    if not preview_rules.way_in(preview_rules.rule_of(sandbox, port), sandbox.owner_id, who.pk):
        raise Refusal("This preview is not open to that user.", "Ask its owner.", "denied")
    right = Right(who.pk, until=timezone.now() + timedelta(seconds=seconds))
    word = tickets.give(_PASS, f"{sandbox.pk}:{port}", right, seconds)
    return f"{ports.url(sandbox, port).rstrip('/')}{ENTER}?{urlencode({'ticket': word})}"


def ticket(sandbox: Sandbox, port: int, right: Right, state: str) -> str:
    """A ticket for who is signed in, good in the browser that has the secret behind `state`.
    Raises Refusal, code denied, when he may not enter."""
    if not preview_rules.way_in(preview_rules.rule_of(sandbox, port), sandbox.owner_id, right.user):
        raise Refusal("This preview is private.", "Ask whoever it belongs to.", "denied")
    return tickets.give(_TICKET, f"{sandbox.pk}:{port}:{state}", right, TICKET_SECONDS)


def enter(sandbox_id: str, port: int, owner: int, rule: Rule, word: str, state: str) -> str | None:
    """The word for the cookie of who shows this ticket, which is used up now; None when it is not
    good for this preview in this browser."""
    redeemed = None
    if state:
        redeemed = tickets.redeem(_TICKET, f"{sandbox_id}:{port}:{state}", word)
    redeemed = redeemed or tickets.redeem(_PASS, f"{sandbox_id}:{port}", word)
    if redeemed is None:
        return None
    _, right = redeemed
    way = preview_rules.way_in(rule, owner, right.user)
    if not way:
        return None
    return _keep(sandbox_id, port, way, right if way != "open" else Right(owner))


def enter_by_link(sandbox_id: str, port: int, owner: int, rule: Rule, word: str) -> str | None:
    """The word for the cookie of who has the port's link; None when that is not it."""
    if not preview_rules.fits(sandbox_id, port, rule, word):
        return None
    return _keep(sandbox_id, port, "link", Right(owner), rule.nonce)


def entry_of(sandbox_id: str, port: int, word: str) -> Entry | None:
    """Who has that word in his cookie; None when it does not open this preview, or not now."""
    found = tickets.read(_ENTRY, word, ENTRY_SECONDS)
    if found is None:
        return None
    kept, right = found
    its_sandbox, its_port, way, detail = kept.split(":")
    if (its_sandbox, its_port) != (sandbox_id, str(port)):
        return None
    held = (right, preview_rules.subject(sandbox_id, port, way, detail))
    return None if rights.losses([held]) else Entry(held, way)


def entry_by(sandbox_id: str, port: int, owner: int, rule: Rule, right: Right) -> Entry | None:
    """A program that shows an API key, or somebody for whom the preview is open at all."""
    way = preview_rules.way_in(rule, owner, right.user)
    right = Right(owner) if way == "open" else right
    held = (right, preview_rules.subject(sandbox_id, port, way, right.user))
    return Entry(held, way) if way else None


def _keep(sandbox_id: str, port: int, way: str, right: Right, detail: str = "") -> str:
    kept = preview_rules.subject(sandbox_id, port, way, detail or right.user).id
    return tickets.give(_ENTRY, kept, right, ENTRY_SECONDS)


def _sentence(port: int, before: Rule, rule: Rule, by: User) -> str:
    until = f" until {rule.until:%Y-%m-%d %H:%M} UTC" if rule.until else ""
    was, now = Access(before.now).label, Access(rule.access).label
    return f"{by} changed the preview of port {port} from {was} to {now}{until}."
