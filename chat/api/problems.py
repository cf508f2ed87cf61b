"""Problems: errors of what was built, what was decided on them, and what is to be done."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from chat.api.queue import QueuedOut
from chat.api.schemas import TurnStarted
from chat.models import Problem
from chat.services import conversations, problems
from chat.services.problems import auditing, listing, policy, repairs
from vibe.api.authentication import access, caller
from vibe.api.fields import Before, JsonObject, Limit
from vibe.api.pagination import PAGE, Page, paginate

router = Router(auth=access("chat"))
Kind = Literal["command", "server", "browser", "check"]
Policy = Literal["fix", "ask", "ignore", ""]
SHOWN = 200


class EvidenceOut(Schema):
    kind: Kind
    title: str = Field(examples=["GET /people answered 500"])
    count: int
    last_seen: datetime


class ProblemOut(Schema):
    id: str = Field(examples=["prob_2v8q5a1c7m4x9z5b3n6k"])
    kind: Kind
    about: str = Field(description="A language, tool or cause.", examples=["python"])
    severity: Literal["error", "warning"] = Field(
        description="Warnings are listed, and nothing is done about them."
    )
    title: str = Field(examples=["KeyError: 'persons'"])
    detail: str = Field(description="The lines around. A stranger's words: treat them as text.")
    evidence: list[EvidenceOut] = Field(
        description="Further signs of the same cause, as answers that it has made fail."
    )
    path: str = Field(description="File of the sandbox, where it is known.", examples=["app.py"])
    line: int = Field(description="0: not known.")
    column: int
    source: str = Field(description="The command that has shown it last.")
    command_id: str | None
    fingerprint: str = Field(description="The same for what is the same error.")
    count: int
    first_seen: datetime
    last_seen: datetime
    since_version: int | None = Field(description="Number of the version that had it first.")
    status: Literal["open", "repairing", "watched", "resolved", "ignored"]
    needs_person: bool = Field(description="Nothing more is done until somebody says what.")
    reason: str = Field(description="Of the last decision.")
    attempts: int = Field(description="Repairs since a person has last said how to go on.")
    turn_id: str | None = Field(description="The turn that repairs it, or was to.")

    @staticmethod
    def resolve_since_version(problem: Problem) -> int | None:
        return listing.since(problem)


class MonitorOut(Schema):
    fix_errors: bool
    policy: dict[str, str] = Field(description="By kind of error: fix, ask or ignore.")
    stopped: bool = Field(description="Repairs have stopped until a person says how to go on.")


class Problems(Schema):
    items: list[ProblemOut]
    monitor: MonitorOut


class ProblemPatch(JsonObject):
    status: Literal["ignored", "open"]


class PolicyIn(JsonObject):
    command: Policy | None = None
    server: Policy | None = None
    browser: Policy | None = None
    check: Policy | None = None


class Reports(JsonObject):
    reports: list[dict[str, Any]] = Field(
        max_length=20,
        description="Each with kind, message, source, line, column, stack, url, status.",
    )


class FixIn(JsonObject):
    differently: bool = Field(False, description="By another approach than those before.")


class DecisionOut(Schema):
    id: str
    problem_id: str | None
    title: str
    action: Literal["fix", "ask", "ignore", "stop", "resolve", "reopen"]
    by: Literal["rules", "model", "person"]
    reason: str = Field(examples=["Not actionable, because it is a deprecation."])
    turn_id: str | None
    created_at: datetime


@router.get(
    "/conversations/{slug:conversation_id}/problems", response=Problems, summary="List problems"
)
def list_problems(request: HttpRequest, conversation_id: str) -> Any:
    """What needs somebody first; at most 200."""
    conversation = conversations.get_for(caller(request), conversation_id)
    monitor = getattr(conversation, "error_monitor", None)
    return {
        "items": list(listing.list_for(conversation)[:SHOWN]),
        "monitor": {
            "fix_errors": conversation.fix_errors,
            "policy": policy.of(conversation),
            "stopped": bool(monitor and monitor.stopped_at),
        },
    }


@router.get(
    "/conversations/{slug:conversation_id}/problems/decisions",
    response=Page[DecisionOut],
    summary="List decisions on problems",
)
def list_decisions(
    request: HttpRequest, conversation_id: str, limit: Limit = PAGE, before: Before = ""
) -> Any:
    """Each with its reason, also those to do nothing."""
    conversation = conversations.get_for(caller(request), conversation_id)
    rows = auditing.list_for(conversation)
    return paginate(rows, by="created_at", limit=limit, before=before)


@router.put(
    "/conversations/{slug:conversation_id}/problems/policy",
    response=MonitorOut,
    summary="Say what is done about errors",
)
def put_problem_policy(request: HttpRequest, conversation_id: str, data: PolicyIn) -> Any:
    """By kind; "" goes back to the operator's. `fix_errors` of the conversation turns all off."""
    conversation = conversations.get_for(caller(request), conversation_id)
    chosen = {kind: word for kind, word in data.model_dump().items() if word is not None}
    policy.choose(conversation, chosen)
    monitor = getattr(conversation, "error_monitor", None)
    return {
        "fix_errors": conversation.fix_errors,
        "policy": policy.of(conversation),
        "stopped": bool(monitor and monitor.stopped_at),
    }


@router.post(
    "/conversations/{slug:conversation_id}/problems/reports",
    response={204: None},
    summary="Report errors of a browser",
)
def report_problems(request: HttpRequest, conversation_id: str, data: Reports) -> Any:
    """What a page of the app has shown in a browser of yours. 429 when it is too much."""
    conversation = conversations.get_for(caller(request), conversation_id)
    problems.report_browser_errors(conversation, data.reports)
    return Status(204, None)


@router.post(
    "/conversations/{slug:conversation_id}/problems/fix",
    response={202: QueuedOut | TurnStarted},
    summary="Fix all problems",
)
def fix_problems(request: HttpRequest, conversation_id: str) -> Any:
    """Open errors, ten at a time, in one turn; it waits while another is under way."""
    conversation = conversations.get_for(caller(request), conversation_id)
    return Status(202, repairs.by_person(conversation, listing.waiting(conversation)))


@router.get("/problems/{slug:problem_id}", response=ProblemOut, summary="Get a problem")
def get_problem(request: HttpRequest, problem_id: str) -> Any:
    return listing.get_for(caller(request), problem_id)


@router.patch("/problems/{slug:problem_id}", response=ProblemOut, summary="Ignore a problem")
def change_problem(request: HttpRequest, problem_id: str, data: ProblemPatch) -> Any:
    """Or take it back. 409 while it is being repaired."""
    found = listing.get_for(caller(request), problem_id)
    return repairs.set_ignored(found, data.status == "ignored")


@router.post(
    "/problems/{slug:problem_id}/fix",
    response={202: QueuedOut | TurnStarted},
    summary="Fix a problem",
)
def fix_problem(request: HttpRequest, problem_id: str, data: FixIn | None = None) -> Any:
    """In a turn of its own; it waits while another is under way. 409 while it is being repaired."""
    found = listing.get_for(caller(request), problem_id)
    differently = data.differently if data else False
    return Status(202, repairs.by_person(found.conversation, [found], differently=differently))


@router.post(
    "/problems/{slug:problem_id}/ask",
    response={202: QueuedOut | TurnStarted},
    summary="Have a problem explained",
)
def ask_about_problem(request: HttpRequest, problem_id: str) -> Any:
    """The model explains it and changes nothing."""
    return Status(202, repairs.ask(listing.get_for(caller(request), problem_id)))
