"""What others report: previewed pages, the preview proxy, the platform's checks."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import redis

from chat.models import Conversation, Problem, Turn
from chat.problems import browser
from chat.services.problems.recording import record
from chat.services.problems.settling import resolve
from sandboxes.services import server_faults
from vibe.refusal import Code, Refusal
from vibe.token_bucket import Bucket, take

logger = logging.getLogger(__name__)

# Reports in one request; requests of one person.
MOST, BURST, SECONDS = 20, 30, 2.0
FAILED = 500


def report_browser_errors(conversation: Conversation, reports: Any) -> int:
    """Keep what a previewed page of the conversation has reported; how many errors that were.

    The page may be hostile: of its words nothing is believed but that somebody said so. Raises
    Refusal: invalid (no list), limit (too many, or nobody can count).
    """
    if not isinstance(reports, list):
        raise Refusal("Reports are a list of objects.", "Send what the page has emitted.")
    if len(reports) > MOST:
        raise Refusal(f"{MOST} reports a request are the limit.", "Send fewer.", Code.LIMIT)
    try:
        wait = take(Bucket(f"problem-reports:{conversation.owner_id}", BURST, SECONDS)).wait
    except redis.RedisError:
        wait = SECONDS
    if wait:
        raise Refusal(
            "Previewed pages report more errors than are taken.",
            "They are taken again in a moment.",
            Code.LIMIT,
            retry_after=int(wait) + 1,
        )
    found = [one for one in map(browser.of_report, reports) if one is not None]
    return sum(record(conversation.pk, one) is not None for one in found)


def report_check(turn: Turn, reasons: Iterable[str]) -> None:
    """Take the outcome of a check of the turn: the reasons for which it failed, none when it went
    well. What an earlier check had against it and this one has not is resolved."""
    seen = []
    for reason in list(reasons)[:MOST]:
        problem = record(turn.conversation_id, browser.of_check(reason[:4_000]))
        seen += [problem.pk] if problem else []
    gone = Problem.objects.filter(
        conversation=turn.conversation_id, kind=Problem.Kind.CHECK, status__in=Problem.LIVE
    ).exclude(pk__in=seen)
    for problem in gone:
        resolve(problem, "A later check had nothing against it.")


def server_answered(answer: server_faults.Answer) -> None:
    """A server of a sandbox has answered with an error, or well where it did not before."""
    conversation = (
        Conversation.objects.filter(sandbox=answer.sandbox_id, archived_at=None)
        .order_by("-updated_at")
        .first()
    )
    if conversation is None:
        return
    if answer.status >= FAILED:
        record(
            conversation.pk,
            browser.of_answer(answer.method, answer.path, answer.status, answer.port),
        )
        return
    asked = f"{answer.method} {answer.path} answered "
    over = Problem.objects.filter(
        conversation=conversation,
        kind=Problem.Kind.SERVER,
        status__in=Problem.LIVE,
        title__startswith=asked[:300],
    )
    for problem in over:
        resolve(problem, f"The same request was answered with {answer.status}.")
