from __future__ import annotations

import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone


@pytest.fixture
def other_process(settings):
    """A living process and its name as a worker."""
    from chat.services import workers

    process = subprocess.Popen(["sleep", "60"])
    try:
        yield process, workers.identity(process.pid)
    finally:
        process.kill()
        process.wait()


def test_a_turn_whose_worker_died_fails_and_can_be_tried_again(conversation, other_process, parts):
    from chat.models import Message, Part, Turn
    from chat.services import orphans, turns

    process, name = other_process
    turn = turns.start_turn(conversation, "Hello")
    Turn.objects.filter(pk=turn.pk).update(status="running", worker=name)
    answer = Message.objects.get(turn=turn, role="assistant")
    Part.objects.create(message=answer, position=0, kind="text", state="streaming", text="Half a")
    process.kill()
    process.wait()

    assert orphans.fail_orphans() == 1

    turn.refresh_from_db()
    half, report = parts(turn)
    assert turn.status == "failed"
    assert turn.error["title"] == "The worker was restarted"
    assert (half.text, half.state, report.kind) == ("Half a", "failed", "error")
    assert turns.retry_turn(turn).status == "queued"


def test_a_turn_whose_worker_lives_is_left_alone(conversation, other_process):
    from chat.models import Turn
    from chat.services import orphans, turns

    turn = turns.start_turn(conversation, "Hello")
    Turn.objects.filter(pk=turn.pk).update(status="running", worker=other_process[1])

    assert orphans.fail_orphans() == 0

    turn.refresh_from_db()
    assert turn.status == "running"


def test_a_dead_workers_turn_that_was_asked_to_stop_ends_as_stopped(conversation, other_process):
    from chat.models import Turn
    from chat.services import stopping, turns

    process, name = other_process
    turn = turns.start_turn(conversation, "Hello")
    Turn.objects.filter(pk=turn.pk).update(status="running", worker=name)
    process.kill()
    process.wait()

    assert stopping.stop_turn(turn).status == "stopped"


def test_a_waiting_turn_whose_job_redis_lost_is_handed_in_again(conversation, settings):
    from chat.models import Turn
    from chat.services import orphans, turns
    from vibe.jobs.queue import queue
    from vibe.streams.redis import sync_client

    turn = turns.start_turn(conversation, "Hello")
    Turn.objects.filter(pk=turn.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    sync_client().flushall()

    assert orphans.fail_orphans() == 1

    assert queue(settings.CHAT_QUEUE).job_ids == [turn.pk]


def test_a_waiting_turn_whose_job_stands_in_the_queue_is_not_doubled(conversation, settings):
    from chat.models import Turn
    from chat.services import orphans, turns
    from vibe.jobs.queue import queue

    turn = turns.start_turn(conversation, "Hello")
    Turn.objects.filter(pk=turn.pk).update(created_at=timezone.now() - timedelta(minutes=1))

    assert orphans.fail_orphans() == 0

    assert queue(settings.CHAT_QUEUE).job_ids == [turn.pk]


def test_a_worker_looks_again_when_what_was_handed_in_before_its_beginning_may_be_lost(monkeypatch):
    from chat import worker
    from chat.services import orphans

    waits: list[float] = []

    class Ended:
        def wait(self, seconds: float) -> bool:
            waits.append(seconds)
            return len(waits) == 3

    healing = ("orphans.fail_orphans", "checks.settle_lost", "settling.release_lost")
    for heal in (*healing, "delivery.go_on_all"):
        monkeypatch.setattr(f"chat.worker.{heal}", lambda: None)
    worker._heal(Ended())
    assert orphans.GRACE.total_seconds() < waits[0] < worker.HEAL_SECONDS
    assert waits[1:] == [worker.HEAL_SECONDS] * 2
