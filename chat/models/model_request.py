"""A request to a model: who asked, what it took, what it cost and what was reserved for it."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation
from chat.models.turn import Turn
from vibe.ids import new_id

SUMMED = (
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "cost",
    "outcome",
)


class ModelRequest(models.Model):
    """The row outlives its conversation and its owner, so that sums of what was paid stay true."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "under way"
        COMPLETED = "completed", "answered"
        FAILED = "failed", "failed"
        STOPPED = "stopped", "stopped"
        LOST = "lost", "lost with its worker"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "req_"), editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="model_requests",
    )
    conversation = models.ForeignKey(
        Conversation, null=True, on_delete=models.SET_NULL, related_name="model_requests"
    )
    turn = models.ForeignKey(
        Turn, null=True, on_delete=models.SET_NULL, related_name="model_requests"
    )
    model = models.CharField(max_length=200)
    # What it was for: "answer" of a turn, or "title", "summary", "check" and the like.
    purpose = models.CharField(max_length=20, default="answer")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RUNNING)
    # The day in the platform's time zone, whose caps it counts for.
    day = models.DateField()
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    # How often it was sent: clients try again after a refused connection, 429 and 5xx.
    attempts = models.PositiveIntegerField(default=0)
    # As the provider counts them: all input, part of it read from its cache or written to it.
    input_tokens = models.PositiveBigIntegerField(default=0)
    cached_tokens = models.PositiveBigIntegerField(default=0)
    cache_write_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    # Dollars. Empty: unknown, because the model has no known price or the provider told no tokens.
    cost = models.DecimalField(max_digits=18, decimal_places=10, null=True, blank=True)
    # Of these, what the answer cost; the rest is its input.
    output_cost = models.DecimalField(max_digits=18, decimal_places=10, default=0)
    # Dollars. What caps hold for it while it is under way, and count for it afterwards.
    reserved = models.DecimalField(max_digits=18, decimal_places=10, default=0)
    counted = models.DecimalField(max_digits=18, decimal_places=10, default=0)
    # What its input alone comes to by estimate: counted when nobody can say more.
    at_least = models.DecimalField(max_digits=18, decimal_places=10, default=0, editable=False)
    # Dollars per million tokens that are counted in place of an unknown price.
    unknown_price = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, blank=True, editable=False
    )
    # Keys of the counters that hold the reservation.
    counters: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list, blank=True, editable=False
    )
    # Estimated input tokens by where they come from: {"system": 812, "history": 96, …}.
    input_by_kind: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(
        default=dict, blank=True, editable=False
    )
    # The process that sends it, as chat.services.workers names processes.
    worker = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            # Sums are read from the index alone: 100,000 requests in 30 ms in place of 200.
            models.Index(
                fields=["owner", "day", "model", "conversation", *SUMMED],
                name="model_request_by_owner",
            ),
            models.Index(fields=["day", "owner", "model", *SUMMED], name="model_request_by_day"),
            models.Index(
                fields=["started_at"],
                condition=models.Q(outcome="running"),
                name="model_request_under_way",
            ),
        ]

    def __str__(self) -> str:
        return self.id
