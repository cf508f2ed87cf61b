"""A sandbox, which has a name and files that stay, and its sessions, which run and end."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from vibe.ids import new_id


class Sandbox(models.Model):
    class PreviewAccess(models.TextChoices):
        PRIVATE = "private", "private"
        LINK = "link", "whoever has the address"

    class Status(models.TextChoices):
        PENDING = "pending", "starting"
        RUNNING = "running", "running"
        STOPPED = "stopped", "stopped"
        FAILED = "failed", "failed"

    # Part of the preview's host name, hence unguessable.
    id = models.CharField(primary_key=True, max_length=32, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sandboxes"
    )
    name = models.CharField(max_length=128)
    # A small number of its own: the uid that the sandbox runs as is made of it.
    number = models.PositiveIntegerField(unique=True, editable=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    env: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, blank=True
    )
    ports: models.JSONField[list[int], list[int]] = models.JSONField(default=list, blank=True)
    # What it asked for, by the names of services.limits; the rest is the platform's default.
    limits: models.JSONField[dict[str, float], dict[str, float]] = models.JSONField(
        default=dict, blank=True
    )
    # Who may enter the preview of a port of which nothing else is said: see PortAccess.
    preview_access = models.CharField(
        max_length=8, choices=PreviewAccess, default=PreviewAccess.PRIVATE
    )
    timeout = models.PositiveIntegerField(help_text="Seconds that a session lives.")
    # In the stored form of engine/egress/policy.py; empty means the platform's default.
    network_policy: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    tags: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, blank=True
    )
    runtime = models.CharField(max_length=32, blank=True, help_text="As asked for, e.g. node20.")
    image = models.CharField(max_length=200, blank=True, help_text="As asked for.")
    persistent = models.BooleanField(
        default=True, help_text="Otherwise each session starts with empty directories."
    )
    # What a program asked for and is told back: region, failover_regions, vcpus, project.
    placement: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, editable=False
    )
    # By the path inside: {"id": of the drive, "drive": its name, "mode"}; for sessions to come.
    mounts: models.JSONField[dict[str, dict[str, str]], dict[str, dict[str, str]]] = (
        models.JSONField(default=dict, blank=True)
    )
    session = models.ForeignKey(
        "SandboxSession", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # What its files were last saved as or taken from: the parent of the next snapshot.
    current_snapshot = models.ForeignKey(
        "Snapshot", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Its next session starts with the files of this one.
    next_snapshot = models.ForeignKey(
        "Snapshot", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    snapshot_expiration = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Seconds that its snapshots are kept; 0: for good."
    )
    # {"count", "expiration" (seconds, optional), "delete_evicted"}; null keeps all.
    keep_last_snapshots: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = (
        models.JSONField(null=True, blank=True)
    )
    idle_timeout = models.PositiveIntegerField(
        null=True, blank=True, help_text="Seconds without activity after which it stops; 0: never."
    )
    # Whether pages in its previews tell the workbench what goes wrong in them.
    preview_console = models.BooleanField(default=True)
    # What its files take: as last counted, and what has been written through the platform since.
    disk_bytes = models.BigIntegerField(default=0, editable=False)
    # Empty: something has changed since, so that they are to be counted when it does not run.
    disk_counted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Somebody writes files through us until then; what is counted meanwhile is half of it.
    written_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Of the repository with the versions of its files.
    versions_bytes = models.BigIntegerField(default=0, editable=False)
    # Of all its sessions, of processor and time those that are over.
    total_cpu_ms = models.BigIntegerField(default=0, editable=False)
    total_duration_ms = models.BigIntegerField(default=0, editable=False)
    total_ingress_bytes = models.BigIntegerField(default=0, editable=False)
    total_egress_bytes = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "sandboxes"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=models.Q(deleted_at=None),
                name="sandbox_name_unique_per_owner",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        return self.status == self.Status.RUNNING

    @property
    def is_live(self) -> bool:
        """Whether a session of it starts, runs or stops."""
        return self.session is not None and self.session.status in SandboxSession.LIVE

    @property
    def expires_at(self) -> datetime | None:
        return self.session.expires_at if self.session else None

    @property
    def why(self) -> str:
        """Why it does not run, or not yet: a clause as those of StopReason."""
        return self.session.why if self.session else "it was never started"


class SandboxSession(models.Model):
    """One run of a sandbox, from its start to its end."""

    class Status(models.TextChoices):
        PENDING = "pending", "starting"
        RUNNING = "running", "running"
        STOPPING = "stopping", "stopping"
        STOPPED = "stopped", "stopped"
        FAILED = "failed", "failed"

    class StopReason(models.TextChoices):
        """Why it ended. A label is a clause: it fits after "because" and, with a capital, alone."""

        NONE = "", "–"
        USER = "user", "it was stopped on request"
        EXPIRED = "expired", "its time was over"
        HOST_RESTARTED = "host_restarted", "the platform was stopped"
        LOST = "lost", "its processes disappeared"
        START_FAILED = "start_failed", "it could not start"
        DELETED = "deleted", "it was deleted"
        IDLE = "idle", "nobody used it for a while"
        SNAPSHOT = "snapshot", "a snapshot was made of it"
        RESTORED = "restored", "a snapshot was put in its place"
        DISK_FULL = "disk_full", "it kept writing beyond the disk space it may have"
        OWNER_DISK_FULL = "owner_full", "it kept writing beyond the disk space its owner may have"
        MACHINE_FULL = "machine_full", "it kept writing though the machine's disk was nearly full"

    LIVE = (Status.PENDING, Status.RUNNING, Status.STOPPING)

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "sbx_"), editable=False
    )
    sandbox = models.ForeignKey(Sandbox, on_delete=models.CASCADE, related_name="sessions")
    node = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    stop_reason = models.CharField(
        max_length=16, choices=StopReason, default=StopReason.NONE, blank=True
    )
    isolation = models.CharField(max_length=10, blank=True)
    error = models.TextField(blank=True)
    # Where the engine finds the running sandbox again: the fields of its SandboxHandle.
    handle: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, editable=False
    )
    # Its files come from this one; empty: from the session before.
    source_snapshot = models.ForeignKey(
        "Snapshot", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # What its read-only copies of drives take while it lives.
    mounted_bytes = models.BigIntegerField(default=0, editable=False)
    # What it has used: of the processors, as it ended; what came in from outside and went out.
    cpu_ms = models.BigIntegerField(null=True, blank=True, editable=False)
    ingress_bytes = models.BigIntegerField(default=0, editable=False)
    egress_bytes = models.BigIntegerField(default=0, editable=False)
    # Written at most once in a while, see services.activity.
    active_at = models.DateTimeField(null=True, blank=True)
    asleep_since = models.DateTimeField(
        null=True, blank=True, help_text="Its processes stand still until somebody uses it."
    )
    requested_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        indexes = [models.Index(fields=["node", "status"], name="session_by_node_and_status")]

    def __str__(self) -> str:
        return self.id

    @property
    def why(self) -> str:
        """Why it does not run, or not yet: a clause as those of StopReason."""
        match self.status:
            case self.Status.PENDING:
                return "it is being started"
            case self.Status.STOPPING:
                return "it is being stopped"
            case self.Status.RUNNING:
                return "it runs"
        if self.stop_reason:
            return str(self.StopReason(self.stop_reason).label)
        failed = self.status == self.Status.FAILED
        return "it could not start" if failed else "its processes ended"
