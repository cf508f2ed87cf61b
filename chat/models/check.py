"""A check: what the platform has found out about the app that a turn has left behind."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import models
from django.utils import timezone

from chat.models.turn import Turn
from chat.models.version import Version
from sandboxes.models import PageVisit, Sandbox
from vibe.ids import new_id


class Check(models.Model):
    class Status(models.TextChoices):
        PLANNED = "planned", "planned"
        QUEUED = "queued", "waiting"
        RUNNING = "running", "checking"
        CHECKED = "checked", "checked"
        UNCHECKED = "unchecked", "unchecked"
        FAILED = "failed", "failed"

    PENDING = (Status.QUEUED, Status.RUNNING)
    ENDED = (Status.CHECKED, Status.UNCHECKED, Status.FAILED)

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "check_"), editable=False
    )
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="checks")
    version = models.ForeignKey(
        Version, null=True, blank=True, on_delete=models.SET_NULL, related_name="checks"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    # In a sentence, for people.
    reason = models.TextField(blank=True)
    # What the model wants to have tried, as sandboxes.engine.browser takes steps.
    plan: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list, blank=True)
    port = models.PositiveIntegerField(null=True, blank=True)
    # {"what", "outcome": ok, failed, note or unsure, "detail", "seconds"}, each.
    steps: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list, blank=True)
    console: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list, blank=True)
    visit = models.ForeignKey(
        PageVisit, null=True, blank=True, on_delete=models.SET_NULL, related_name="checks"
    )
    # The one that the check before has made: its picture is how the app looked then.
    visit_before = models.ForeignKey(
        PageVisit, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # On which forms are sent; gone when the check has ended.
    copy = models.ForeignKey(
        Sandbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # As of a turn: the process that carries it out.
    worker = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["status"], name="check_by_status")]

    def __str__(self) -> str:
        return self.id

    @property
    def is_pending(self) -> bool:
        return self.status in self.PENDING

    @property
    def duration(self) -> float | None:
        """Seconds; None while it goes on."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
