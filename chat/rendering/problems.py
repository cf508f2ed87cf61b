"""The list of problems as HTML: the panel of the workbench, its count, the page of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from chat.models import Conversation, Problem, Version
from chat.problems.deciding import ACTIONS
from chat.problems.found import KINDS
from chat.services.problems import auditing, listing, policy
from vibe.web.partials import partial

SHOWN, DECISIONS = 60, 40
ICONS = {"command": "terminal", "server": "radio", "browser": "app-window", "check": "circle-check"}
KIND_WORDS = {
    "command": "Commands and servers",
    "server": "Failing requests",
    "browser": "The page in the browser",
    "check": "Failed checks",
}
ACTION_WORDS = {"fix": "Fix", "ask": "Ask me", "ignore": "Ignore"}


@dataclass(frozen=True)
class Row:
    """A problem as its line shows it. `tone` and `word` say how it stands."""

    problem: Problem
    icon: str
    tone: str
    word: str
    since: int | None

    @property
    def can_fix(self) -> bool:
        return self.problem.status != Problem.Status.REPAIRING

    @property
    def is_error(self) -> bool:
        return self.problem.severity == Problem.Severity.ERROR


def problems_view(conversation: Conversation | None) -> dict[str, Any]:
    """Context of `chat/_problems.html` and of the count."""
    if conversation is None:
        return {"problem_rows": [], "problem_count": 0, "problem_conversation": None}
    found = list(listing.list_for(conversation)[:SHOWN])
    made: dict[str, int | None] = dict(
        Version.objects.filter(
            turn__in=[one.since_turn_id for one in found if one.since_turn_id],
            number__isnull=False,
        ).values_list("turn_id", "number")
    )
    rows = [_row(one, made) for one in found]
    return {
        "problem_conversation": conversation,
        "problem_rows": rows,
        "problem_count": listing.open_count(conversation) if rows else 0,
        "fixable": sum(_waits(one) for one in found),
        "fixes_errors": conversation.fix_errors,
    }


def page_view(conversation: Conversation) -> dict[str, Any]:
    """The same with the decisions, for the page of itself."""
    kinds = policy.of(conversation)
    return {
        **problems_view(conversation),
        "conversation": conversation,
        "problem_policies": [(kind, KIND_WORDS[kind], kinds[kind]) for kind in KINDS],
        "policy_words": [(word, ACTION_WORDS[word]) for word in ACTIONS],
        "decisions": auditing.list_for(conversation)[:DECISIONS],
    }


def problems_partials(conversation: Conversation) -> str:
    """List and count anew."""
    view = problems_view(conversation)
    return partial(render_to_string("chat/_problems.html", view), "#problems") + partial(
        render_to_string("chat/_problems_count.html", view), "#problems-count"
    )


def _waits(problem: Problem) -> bool:
    return problem.status == Problem.Status.OPEN and problem.severity == Problem.Severity.ERROR


def _row(problem: Problem, made: Mapping[str, int | None]) -> Row:
    tone, word = _stands(problem)
    since = problem.since.number if problem.since else made.get(problem.since_turn_id or "")
    return Row(problem, ICONS.get(problem.kind, "circle-alert"), tone, word, since)


def _stands(problem: Problem) -> tuple[str, str]:
    status = Problem.Status(problem.status)
    if status == Problem.Status.OPEN:
        if problem.severity == Problem.Severity.WARNING:
            return "quiet", "warning"
        if problem.needs_person:
            return "warning", "waits for you"
        return "danger", "open"
    return {
        Problem.Status.REPAIRING: ("running", "being repaired"),
        Problem.Status.WATCHED: ("success", "repaired, being watched"),
        Problem.Status.RESOLVED: ("success", "resolved"),
        Problem.Status.IGNORED: ("quiet", "ignored"),
    }[status]
