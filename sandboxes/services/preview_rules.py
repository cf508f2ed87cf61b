"""Who may enter the preview of a port, as it holds now, and whether somebody still may."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from sandboxes.models import PortAccess, Sandbox
from vibe.accounts.services.rights import NOT_FOUND, Loss, Subject
from vibe.refusal import Code

Access = PortAccess.Access
# The length of a link's secret in hexadecimal digits: 160 bits.
SECRET = 40
CLOSED = Loss(
    Code.DENIED,
    "This preview is not open to you any more.",
    "Ask whoever it belongs to.",
    NOT_FOUND,
)


@dataclass(frozen=True)
class Rule:
    """What holds for a port. `nonce`: what its link is made of; without one the preview's address
    itself is the link. `until`: private from then on."""

    access: str = Access.PRIVATE
    nonce: str = ""
    until: datetime | None = None

    @property
    def now(self) -> str:
        """The access that holds at this moment."""
        over = self.until is not None and self.until <= timezone.now()
        return Access.PRIVATE if over else self.access

    @property
    def is_open(self) -> bool:
        """Whether the address alone is enough."""
        now = self.now
        return now == Access.PUBLIC or (now == Access.LINK and not self.nonce)


Rules = dict[int, Rule]


def rules_of(sandbox: Sandbox) -> Rules:
    """What has been said of its ports; for all others `otherwise` holds."""
    return {row.port: _rule(row) for row in PortAccess.objects.filter(sandbox=sandbox)}


def otherwise(sandbox: Sandbox) -> Rule:
    """What holds for a port of which nothing has been said."""
    return Rule(sandbox.preview_access)


def rule_of(sandbox: Sandbox, port: int) -> Rule:
    return rules_of(sandbox).get(port) or otherwise(sandbox)


def way_in(rule: Rule, owner: int, user: int) -> str:
    """By what a signed-in user enters: "own", "team" or "open"; empty when he may not."""
    if owner == user:
        return "own"
    if rule.now == Access.TEAM:
        return "team"
    return "open" if rule.is_open else ""


def secret(sandbox_id: str, port: int, rule: Rule) -> str:
    """What the link of a port ends with; empty where it has none."""
    if rule.now != Access.LINK or not rule.nonce:
        return ""
    made_of = f"{sandbox_id}:{port}:{rule.nonce}"
    return salted_hmac("sandboxes.preview_link", made_of, algorithm="sha256").hexdigest()[:SECRET]


def fits(sandbox_id: str, port: int, rule: Rule, shown: str) -> bool:
    """Whether that is the secret of the port's link."""
    known = secret(sandbox_id, port, rule)
    return bool(known) and constant_time_compare(known, shown)


def subject(sandbox_id: str, port: int, way: str, detail: str | int = "") -> Subject:
    """What an open connection to a preview is about: that its way in is still open. detail: of
    the ways "own" and "team" the user, of "link" its nonce."""
    return Subject(f"{sandbox_id}:{port}:{way}:{detail}", standing, CLOSED)


def standing(ids: Collection[str]) -> dict[str, int]:
    """Of those ways in that are still open, the user whose right each rests on."""
    asked = {one: one.split(":") for one in ids}
    sandboxes = Sandbox.objects.filter(
        pk__in={parts[0] for parts in asked.values()}, deleted_at=None, owner__is_active=True
    ).only("owner_id", "preview_access")
    there = {sandbox.pk: sandbox for sandbox in sandboxes}
    said = _rules(there)
    found: dict[str, int] = {}
    for one, (sandbox_id, port, way, detail) in asked.items():
        sandbox = there.get(sandbox_id)
        if sandbox is None:
            continue
        rule = said.get((sandbox_id, int(port))) or otherwise(sandbox)
        if (user := _still(rule, sandbox.owner_id, way, detail)) is not None:
            found[one] = user
    return found


def _still(rule: Rule, owner: int, way: str, detail: str) -> int | None:
    match way:
        case "own":
            return owner
        case "team":
            return int(detail) if rule.now in (Access.TEAM, Access.PUBLIC) else None
        case "link":
            same = rule.now == Access.LINK and rule.nonce == detail
            return owner if same or rule.is_open else None
    return owner if rule.is_open else None


def _rules(ids: Iterable[str]) -> dict[tuple[str, int], Rule]:
    rows = PortAccess.objects.filter(sandbox__in=list(ids))
    return {(row.sandbox_id, row.port): _rule(row) for row in rows}


def _rule(row: PortAccess) -> Rule:
    return Rule(row.access, row.nonce, row.expires_at)
