"""Sandboxes and their sessions in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timeuntil

from sandboxes.admin.gone import Gone
from sandboxes.admin.reading import ReadOnlyAdmin, ReadOnlyInline
from sandboxes.models import PortAccess, Sandbox, SandboxSession
from sandboxes.services import lifecycle, limits
from vibe.refusal import Refusal
from vibe.web.requests import UserRequest


class SessionInline(ReadOnlyInline):
    model = SandboxSession
    fk_name = "sandbox"
    verbose_name_plural = "sessions"
    fields = readonly_fields = (
        "id",
        "status",
        "stop_reason",
        "isolation",
        "node",
        "started_at",
        "expires_at",
        "stopped_at",
        "error",
    )
    show_change_link = False


class PortAccessInline(ReadOnlyInline):
    model = PortAccess
    verbose_name_plural = "who may enter previews"
    fields = readonly_fields = ("port", "access", "expires_at", "changed_by", "changed_at")


@admin.register(Sandbox)
class SandboxAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "status", "isolation", "time_left", "commands", "created_at")
    list_filter = ("status", Gone, "session__isolation", "session__node")
    list_select_related = ("owner", "session")
    search_fields = ("=id", "name", "owner__username")
    date_hierarchy = "created_at"
    actions = ("stop", "delete")
    inlines = (PortAccessInline, SessionInline)
    fields = readonly_fields = (
        "id",
        "name",
        "owner",
        "status",
        "isolation",
        "time_left",
        "timeout",
        "limits_in_words",
        "ports",
        "preview_access",
        "variables",
        "command_list",
        "created_at",
        "updated_at",
        "deleted_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("owner", "session")
        return rows.annotate(command_count=Count("commands"))

    # Looking is for all of the staff; ending what somebody else runs needs the permission.
    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sandboxes.change_sandbox")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sandboxes.delete_sandbox")

    @admin.display(description="isolation")
    def isolation(self, sandbox: Sandbox) -> str:
        return sandbox.session.isolation if sandbox.session else ""

    @admin.display(description="time left", ordering="session__expires_at")
    def time_left(self, sandbox: Sandbox) -> str:
        end = sandbox.expires_at
        if not sandbox.is_running or end is None:
            return ""
        return timeuntil(end) if end > timezone.now() else "over"

    @admin.display(description="commands", ordering="command_count")
    def commands(self, sandbox: Any) -> int:
        return sandbox.command_count

    @admin.display(description="limits")
    def limits_in_words(self, sandbox: Sandbox) -> str:
        return " · ".join(limits.in_words(sandbox))

    @admin.display(description="environment")
    def variables(self, sandbox: Sandbox) -> str:
        # Names alone: the values are often somebody's secrets.
        return ", ".join(sorted(sandbox.env)) or "–"

    @admin.display(description="commands")
    def command_list(self, sandbox: Any) -> str:
        return format_html(
            '<a href="{}?sandbox__id__exact={}">{} commands</a>',
            reverse("admin:sandboxes_command_changelist"),
            sandbox.pk,
            sandbox.command_count,
        )

    @admin.action(description="Stop selected sandboxes", permissions=["stop"])
    def stop(self, request: UserRequest, queryset: QuerySet[Sandbox]) -> None:
        def one(sandbox: Sandbox) -> None:
            lifecycle.stop(sandbox, by=request.user)

        self._each(request, queryset, one, "Stopped")

    @admin.action(description="Delete selected sandboxes", permissions=["remove"])
    def delete(self, request: HttpRequest, queryset: QuerySet[Sandbox]) -> None:
        self._each(request, queryset, lifecycle.delete, "Deleted")

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Sandbox],
        act: Callable[[Sandbox], object],
        done: str,
    ) -> None:
        """Do it to each that is not deleted, and say what happened to which."""
        succeeded = 0
        for sandbox in Sandbox.objects.filter(pk__in=queryset.values("pk"), deleted_at=None):
            try:
                act(sandbox)
                succeeded += 1
            except Refusal as error:
                messages.error(request, f"{sandbox.name}: {error}")
        if succeeded:
            messages.success(request, f"{done} {succeeded} of the selected sandboxes.")
        elif not messages.get_messages(request):
            messages.info(request, "Nothing to do: they were deleted before.")
