"""A turn: one request of a person and all that the model does about it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation
from vibe.ids import new_id


class Turn(models.Model):
    class Status(models.TextChoices):
        QUEUED = "queued", "waiting"
        RUNNING = "running", "working"
        WAITING = "waiting", "waiting for you"
        COMPLETED = "completed", "done"
        FAILED = "failed", "failed"
        STOPPED = "stopped", "stopped"

    class WaitingFor(models.TextChoices):
        QUESTION = "question", "to answer"
        APPROVAL = "approval", "to allow or refuse a step"
        PLAN = "plan", "to decide on its plan"
        BUDGET = "budget", "to decide on more money"

    class Origin(models.TextChoices):
        PERSON = "person", "a person"
        MONITOR = "monitor", "the error monitor"

    ACTIVE = (Status.QUEUED, Status.RUNNING, Status.WAITING)

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "turn_"), editable=False
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    model = models.CharField(max_length=200)
    effort = models.CharField(max_length=10, blank=True)
    # Who has begun it.
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.PERSON)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    # Of a turn that waits: what it waits for. Its open `Question` says more.
    waiting_for = models.CharField(max_length=10, choices=WaitingFor, blank=True)
    # In "plan" the tools change nothing; approving the plan makes it "build".
    mode = models.CharField(
        max_length=5, choices=Conversation.Mode, default=Conversation.Mode.BUILD
    )
    # {"title", "detail", "action"} of a failure, in words for people; also of an answer that is
    # complete but for the model's output limit.
    error: models.JSONField[dict[str, str] | None, dict[str, str] | None] = models.JSONField(
        null=True, blank=True
    )
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    # Number of the last event that the rows already contain: a page starts to listen after it.
    cursor = models.BigIntegerField(default=0)
    # The failed or stopped turn that this one does again.
    retry_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="retries"
    )
    # The process that runs it, as chat.services.workers names processes: whether it still lives
    # decides whether the turn does.
    worker = models.CharField(max_length=200, blank=True, editable=False)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    # Asked to end at the next boundary between two steps, before it is asked to end at once.
    stop_after_step_at = models.DateTimeField(null=True, blank=True)
    # The turn that the conversation has gone on with in the place of this one; what was said in
    # this one is kept, and told to no model.
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="supersedes"
    )
    # What the model saw and said in this turn, as the agent library serialises it.
    history: models.JSONField[list[Any], list[Any]] = models.JSONField(
        default=list, blank=True, editable=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            # Two tabs that send at once: one turn starts, the other is told so.
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(status__in=["queued", "running", "waiting"]),
                name="one_active_turn_per_conversation",
            )
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_active(self) -> bool:
        return self.status in self.ACTIVE

    @property
    def is_superseded(self) -> bool:
        return self.superseded_by_id is not None
