"""The steps of a shared conversation: what was said and done by the time the link was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from chat.models import Message, Part, Share, Turn, Version
from chat.services.versioning import versions

# The latest ones are left out of what is longer.
MOST = 5_000
SHOWN = (Part.Kind.TEXT, Part.Kind.TOOL_CALL, Part.Kind.ERROR, Part.Kind.NOTE)


@dataclass(frozen=True)
class Step:
    """A part that a reader sees. `number` from 1; `asks`: a person says it; `ends_turn`: nothing of
    its turn follows; `until`: what is of the files by then is of this step."""

    number: int
    part: str
    turn: str
    asks: bool
    ends_turn: bool
    until: datetime


@dataclass(frozen=True)
class Story:
    """All steps in order, and the versions of the files, oldest first."""

    steps: list[Step]
    versions: list[Version]

    def at(self, number: int) -> Step | None:
        """The step with this number, or the nearest there is."""
        if not self.steps:
            return None
        return self.steps[min(max(number, 1), len(self.steps)) - 1]

    def version_at(self, step: Step) -> Version | None:
        """The files as they were then; None where no version is kept."""
        known = [
            version
            for version in self.versions
            if version.created_at < step.until or (step.ends_turn and version.turn_id == step.turn)
        ]
        return known[-1] if known else None


def story_of(share: Share) -> Story:
    """What the link shows."""
    turns = list(_turns(share).values_list("pk", "created_at"))
    ends = [began for _, began in turns[1:]] + [share.created_at]
    following = {pk: end for (pk, _), end in zip(turns, ends, strict=True)} if turns else {}
    rows = (
        Part.objects.filter(
            message__turn__in=following, kind__in=SHOWN, message__created_at__lte=share.created_at
        )
        .exclude(Q(text="") & ~Q(kind=Part.Kind.TOOL_CALL) & Q(result={}))
        .order_by("message__position", "position")
        .values_list("pk", "message__turn", "message__role", "message__created_at", "started_at")
    )
    found = list(rows[:MOST])
    steps = []
    for number, (part, turn, role, said, started) in enumerate(found, 1):
        is_last = number == len(found) or found[number][1] != turn
        until = following[turn] if is_last else started or said
        steps.append(Step(number, part, turn, role == Message.Role.USER, is_last, until))
    return Story(steps, versions_of(share))


def versions_of(share: Share) -> list[Version]:
    """Those that were kept by then and still are, oldest first."""
    kept = versions.list_for(share.conversation).filter(created_at__lte=share.created_at)
    return list(kept.filter(checkpoint__status="made"))


def parts_of(steps: list[Step]) -> list[Part]:
    """Their parts, in order, with all that is shown of them."""
    rows = Part.objects.select_related("command", "message__turn").defer("message__turn__history")
    found = rows.in_bulk([step.part for step in steps])
    return [found[step.part] for step in steps if step.part in found]


def requests_of(steps: list[Step]) -> dict[str, str]:
    """Of the steps in which a person says something, the beginning of it by the part's id."""
    asked = [step.part for step in steps if step.asks]
    return dict(Part.objects.filter(pk__in=asked).values_list("pk", "text"))


def _turns(share: Share) -> QuerySet[Turn]:
    """Those that had ended by then, but for attempts that were set aside by then."""
    stands = Q(superseded_by=None) | Q(superseded_by__created_at__gt=share.created_at)
    found = share.conversation.turns.filter(stands, created_at__lte=share.created_at)
    found = found.exclude(status__in=Turn.ACTIVE).exclude(finished_at__gt=share.created_at)
    return found.order_by("created_at", "id")
