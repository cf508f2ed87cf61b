"""An interactive terminal of a sandbox: a command on a pseudo-terminal, and how it is shown."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.utils import timezone

from sandboxes.models.command import Command
from sandboxes.models.sandbox import Sandbox
from vibe.ids import new_id


class Terminal(models.Model):
    """Its screen is the output of its command, so it outlives the page and the worker.

    `cols` and `rows` are its size as it was last set.
    """

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "trm_"), editable=False
    )
    sandbox = models.ForeignKey(Sandbox, on_delete=models.CASCADE, related_name="terminals")
    command = models.OneToOneField(Command, on_delete=models.CASCADE, related_name="terminal")
    name = models.CharField(max_length=40)
    cols = models.PositiveSmallIntegerField(default=80)
    rows = models.PositiveSmallIntegerField(default=24)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Closed by a person; one whose program has ended stays until then, to be read.
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["sandbox", "closed_at"], name="terminal_by_sandbox")]

    def __str__(self) -> str:
        return self.name
