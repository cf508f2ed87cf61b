"""Errors of a conversation, what was decided on them, and how its error monitor stands."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation
from chat.models.turn import Turn
from chat.models.version import Version
from sandboxes.models import Command
from vibe.ids import new_id


class Problem(models.Model):
    """One error, however often it was seen: `fingerprint` says what is the same."""

    class Kind(models.TextChoices):
        COMMAND = "command", "command"
        SERVER = "server", "server"
        BROWSER = "browser", "browser"
        CHECK = "check", "check"

    class Severity(models.TextChoices):
        ERROR = "error", "error"
        WARNING = "warning", "warning"

    class Status(models.TextChoices):
        OPEN = "open", "open"
        REPAIRING = "repairing", "being repaired"
        WATCHED = "watched", "repaired, being watched"
        RESOLVED = "resolved", "resolved"
        IGNORED = "ignored", "ignored"

    LIVE = (Status.OPEN, Status.REPAIRING, Status.WATCHED)

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "prob_"), editable=False
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="problems"
    )
    fingerprint = models.CharField(max_length=32)
    kind = models.CharField(max_length=10, choices=Kind)
    # What it is of: a language, a tool, a cause.
    about = models.CharField(max_length=20)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.ERROR)
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True)
    # Further signs of the same cause: {"kind", "title", "count", "last_seen"}, each.
    evidence: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list, blank=True)
    path = models.CharField(max_length=400, blank=True)
    line = models.PositiveIntegerField(default=0)
    column = models.PositiveIntegerField(default=0)
    # Why nobody has to act on it; of a warning.
    noise = models.CharField(max_length=200, blank=True)
    # Whether rules alone may say that it is to be mended.
    clear = models.BooleanField(default=True)
    # The command that has shown it last, as one would type it.
    source = models.CharField(max_length=300, blank=True)
    command = models.ForeignKey(
        Command, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    count = models.PositiveIntegerField(default=1)
    first_seen = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)
    # The files in which it was seen first: a version, or what a turn was about to leave behind.
    since = models.ForeignKey(
        Version, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    since_turn = models.ForeignKey(
        Turn, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    # When it was seen anew: at first, and after each time that it was held to be over.
    opened_at = models.DateTimeField(default=timezone.now)
    # Empty: nobody has decided on it since.
    decided_at = models.DateTimeField(null=True, blank=True)
    needs_person = models.BooleanField(default=False)
    # Of one of which rules cannot tell: when a model was asked, and what it said.
    judge_asked_at = models.DateTimeField(null=True, blank=True)
    judged = models.BooleanField(null=True, blank=True)
    judged_reason = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    # Turns that were paid to mend it since a person has last said how to go on.
    attempts = models.PositiveSmallIntegerField(default=0)
    # The turn that mends it, or was to.
    turn = models.ForeignKey(
        Turn, null=True, blank=True, on_delete=models.SET_NULL, related_name="problems"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_seen", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "fingerprint"], name="problem_by_fingerprint"
            )
        ]
        indexes = [models.Index(fields=["status", "decided_at"], name="problem_to_decide_on")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE


class ProblemDecision(models.Model):
    """What was decided on an error, by whom, and why. Rows are added, never changed."""

    class Action(models.TextChoices):
        FIX = "fix", "repair"
        ASK = "ask", "ask"
        IGNORE = "ignore", "ignore"
        STOP = "stop", "stop"
        RESOLVE = "resolve", "resolved"
        REOPEN = "reopen", "came back"

    class By(models.TextChoices):
        RULES = "rules", "rules"
        MODEL = "model", "a model"
        PERSON = "person", "a person"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "dec_"), editable=False
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="problem_decisions"
    )
    problem = models.ForeignKey(
        Problem, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions"
    )
    # The problem's, which may be gone by then.
    title = models.CharField(max_length=300)
    action = models.CharField(max_length=10, choices=Action)
    by = models.CharField(max_length=10, choices=By, default=By.RULES)
    reason = models.CharField(max_length=400)
    turn = models.ForeignKey(
        Turn, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["conversation", "-created_at"], name="decision_by_conversation")
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.title}"


class ErrorMonitor(models.Model):
    """How the monitor of a conversation stands; without a row as at the beginning."""

    conversation = models.OneToOneField(
        Conversation, primary_key=True, on_delete=models.CASCADE, related_name="error_monitor"
    )
    # When it has sent its last repair.
    sent_at = models.DateTimeField(null=True, blank=True)
    # Repairs in a row since one has mended anything for good.
    fruitless = models.PositiveSmallIntegerField(default=0)
    # It repairs nothing until a person says how to go on.
    stopped_at = models.DateTimeField(null=True, blank=True)
    # When the person has last typed in the composer.
    typed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Error monitor of {self.conversation_id}"


class CommandReading(models.Model):
    """How far a command's output was read for errors."""

    command = models.OneToOneField(
        Command, primary_key=True, on_delete=models.CASCADE, related_name="reading"
    )
    offset = models.BigIntegerField(default=0)
    # A server that has run for a while without its earlier errors has taken them back.
    vouched = models.BooleanField(default=False)
    settled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.command_id} up to {self.offset}"
