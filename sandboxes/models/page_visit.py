"""A visit of the platform's browser to a port of a sandbox, and the pictures that it took."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import models
from django.utils import timezone

from sandboxes.models.sandbox import Sandbox
from vibe.ids import new_id


class PageVisit(models.Model):
    class Status(models.TextChoices):
        QUEUED = "queued", "waiting"
        RUNNING = "running", "under way"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    PENDING = (Status.QUEUED, Status.RUNNING)

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "visit_"), editable=False
    )
    sandbox = models.ForeignKey(Sandbox, on_delete=models.CASCADE, related_name="page_visits")
    node = models.CharField(max_length=64)
    port = models.PositiveIntegerField()
    # As sandboxes.engine.browser takes it.
    plan: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    seconds = models.FloatField()
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    # As sandboxes.engine.browser tells it.
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    # Why the visit did not come to its end; of a page that is at fault, the result tells.
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["node", "status"], name="page_visit_by_node")]

    def __str__(self) -> str:
        return self.id

    @property
    def is_pending(self) -> bool:
        return self.status in self.PENDING


class PagePicture(models.Model):
    """A JPEG of what showed of a page; small enough for a row, so that every node has it."""

    visit = models.ForeignKey(PageVisit, on_delete=models.CASCADE, related_name="pictures")
    # page, after, and each with "-small".
    name = models.CharField(max_length=20)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "name"], name="page_picture_name")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.name}"
