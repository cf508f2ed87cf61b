"""The error monitor: decides on what is open, and begins repairs. No thread waits in it: a moment
that has not come yet is looked at again in the next pass."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction

from chat import providers
from chat.models import Conversation, ErrorMonitor, Problem, SpendingCounter, Turn
from chat.problems.deciding import ASK, FIX, IGNORE, STOP, Decision, Facts, decide
from chat.services import events, queue, turns
from chat.services.problems import auditing, breaker, judging, policy, repairs
from chat.services.spending import caps
from chat.services.spending.amounts import dollars
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

QUIET, BETWEEN = timedelta(seconds=10), timedelta(seconds=60)
TYPING = timedelta(seconds=15)
AT_ONCE = 50


def to_decide() -> list[str]:
    """Conversations with errors that nobody has decided on."""
    open_ = Problem.objects.filter(status=Problem.Status.OPEN, decided_at=None)
    return list(open_.order_by().values_list("conversation_id", flat=True).distinct()[:500])


def look_at_all(now: datetime) -> int:
    """Decide wherever something is to be decided on; how many repairs have begun."""
    begun = 0
    for conversation_id in to_decide():
        try:
            begun += look_at(conversation_id, now) is not None
        except Refusal as error:
            logger.info("A repair in %s waits: %s", conversation_id, error.message)
        except DatabaseError:
            logger.exception("Errors of %s could not be decided on", conversation_id)
    return begun


def look_at(conversation_id: str, now: datetime) -> Turn | None:
    """Decide on the open errors of the conversation, if their moment has come; the repair."""
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None:
        return None
    open_ = Problem.objects.filter(
        conversation=conversation, status=Problem.Status.OPEN, decided_at=None
    )
    found = list(open_.order_by("first_seen", "id")[:AT_ONCE])
    settle_noise(found, now)
    found = [one for one in found if not one.noise]
    if not found or max(one.opened_at for one in found) > now - QUIET:
        return None
    if queue.is_busy(conversation.pk) or queue.waiting(conversation).exists():
        return None
    monitor = ErrorMonitor.objects.filter(conversation=conversation).first()
    state = monitor or ErrorMonitor(conversation=conversation)
    if state.typed_at is not None and state.typed_at > now - TYPING:
        return None
    to_fix: list[Problem] = []
    decisions: dict[str, Decision] = {}
    for problem in found:
        if judging.is_awaited(problem, now):
            continue
        decision = decide(facts_of(problem, conversation, state))
        if decision.is_unclear and judging.ask(problem, now):
            continue
        if decision.action == FIX:
            to_fix.append(problem)
            decisions[problem.pk] = decision
        else:
            carry_out(problem, decision, now, state)
    if not to_fix or (state.sent_at is not None and state.sent_at > now - BETWEEN):
        return None
    with transaction.atomic():
        reasons = {pk: decision.reason for pk, decision in decisions.items()}
        turn = repairs.by_monitor(conversation, to_fix, reasons, now)
        if turn is not None:
            for problem in Problem.objects.filter(turn=turn):
                made = decisions[problem.pk]
                auditing.note(problem, FIX, made.reason, by=made.by, turn=turn)
    return turn


def settle_noise(found: list[Problem], now: datetime) -> None:
    """Warnings need no quiet moment: nothing is done about them."""
    for problem in found:
        if problem.noise:
            carry_out(problem, decide(Facts(problem.kind, FIX, noise=problem.noise)), now, None)


def carry_out(
    problem: Problem, decision: Decision, now: datetime, state: ErrorMonitor | None
) -> None:
    """Write down a decision that begins no turn."""
    if decision.action == STOP:
        # Attempts at this one are used up; the other reasons hold for all.
        everything = problem.attempts < 2
        if breaker.stop(problem, decision.reason, now, everything=everything) and everything:
            assert state is not None
            state.stopped_at = now
        return
    with transaction.atomic():
        done = Problem.objects.filter(
            pk=problem.pk, status=Problem.Status.OPEN, decided_at=None
        ).update(
            decided_at=now,
            needs_person=decision.action == ASK,
            reason=decision.reason[: auditing.REASON],
            status=Problem.Status.IGNORED
            if decision.action == IGNORE and not problem.noise
            else Problem.Status.OPEN,
        )
        if done:
            auditing.note(problem, decision.action, decision.reason, by=decision.by)
            transaction.on_commit(lambda: events.problems_changed(problem.conversation_id))


def facts_of(problem: Problem, conversation: Conversation, state: ErrorMonitor) -> Facts:
    """What the decision on the error goes by."""
    return Facts(
        kind=problem.kind,
        policy=policy.of(conversation)[problem.kind],
        noise=problem.noise,
        clear=problem.clear,
        switched_on=conversation.fix_errors,
        archived=conversation.archived_at is not None,
        plan_mode=conversation.mode == Conversation.Mode.PLAN,
        attempts=problem.attempts,
        fruitless=state.fruitless,
        stopped=state.stopped_at is not None,
        cap=_cap_reached(conversation),
        hold=_hold(conversation),
        judged=judging.verdict(problem),
    )


def _hold(conversation: Conversation) -> str:
    """Why nothing is sent on top of how the last turn has ended; "" where nothing speaks against
    it."""
    last = turns.latest(conversation)
    if last is None:
        return "Nothing was asked for in this conversation yet."
    if last.status == Turn.Status.STOPPED:
        return "The last turn was stopped; nothing is sent until you say how to go on."
    if last.status == Turn.Status.FAILED:
        return "The last turn failed; a repair would fail in the same way."
    return ""


def _cap_reached(conversation: Conversation) -> str:
    """The first cap that is used up, as a sentence begins with it; "" while there is room."""
    model = conversation.model or providers.default_model_id(conversation.owner_id)
    if model == providers.DEMO:
        return ""
    payer = caps.payer_of(conversation.owner_id, conversation.pk)
    found = caps.in_force(payer, caps.today())
    counters = SpendingCounter.objects.in_bulk([cap.key for cap in found])
    for cap in found:
        counter = counters.get(cap.key)
        if counter and dollars(counter.spent) + dollars(counter.reserved) >= cap.amount:
            return cap.subject
    return ""


def person_types(conversation: Conversation, now: datetime) -> None:
    """The person is writing a message: repairs wait for a moment."""
    ErrorMonitor.objects.update_or_create(conversation=conversation, defaults={"typed_at": now})
