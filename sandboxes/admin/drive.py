"""Drives in the admin: whose they are, which sandbox writes to them, and giving them up."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from sandboxes.admin.gone import Gone
from sandboxes.admin.reading import ReadOnlyAdmin
from sandboxes.models import Drive
from sandboxes.services import drives
from vibe.refusal import Refusal


@admin.register(Drive)
class DriveAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "state", "size", "written_by", "created_at")
    list_filter = ("status", Gone)
    list_select_related = ("owner", "session__sandbox")
    search_fields = ("=id", "name", "owner__username")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    actions = ("delete",)
    fields = readonly_fields = (
        "id",
        "name",
        "owner",
        "state",
        "error",
        "size",
        "mounts",
        "parent",
        "created_at",
        "updated_at",
        "deleted_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Drive]:
        return super().get_queryset(request).select_related("owner", "session__sandbox", "parent")

    # Looking is for all of the staff; giving up what somebody else keeps needs the permission.
    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sandboxes.delete_drive")

    @admin.display(description="state", ordering="status")
    def state(self, drive: Drive) -> str:
        return "deleted" if drive.deleted_at else drive.get_status_display()

    @admin.display(description="may hold", ordering="max_size_bytes")
    def size(self, drive: Drive) -> str:
        return filesizeformat(drive.max_size_bytes)

    @admin.display(description="mounted to write")
    def written_by(self, drive: Drive) -> str:
        """The sandbox that has it now, and where in it, as far as its mounts still say."""
        session = drive.attached_to
        if session is None:
            return "–"
        paths = drives.paths_in(session.sandbox, drive, drives.WRITE)
        return f"{session.sandbox.name} at {', '.join(paths)}" if paths else session.sandbox.name

    @admin.display(description="mounted by")
    def mounts(self, drive: Drive) -> str:
        rows = [
            (reverse("admin:sandboxes_sandbox_change", args=[sandbox.pk]), sandbox.name, path, mode,
             sandbox.get_status_display())
            for sandbox, path, mode in drives.mounted_by(drive)
        ]  # fmt: skip
        if not rows:
            return "No sandbox mounts it."
        line = '<a href="{}">{}</a> at <code>{}</code>, {} ({})'
        return format_html_join(mark_safe("<br>"), line, rows)

    @admin.action(description="Delete selected drives", permissions=["remove"])
    def delete(self, request: HttpRequest, queryset: QuerySet[Drive]) -> None:
        deleted = 0
        for drive in queryset.filter(deleted_at=None):
            try:
                drives.delete(drive)
            except Refusal as error:
                self.message_user(request, f"{drive}: {error}", messages.ERROR)
            else:
                deleted += 1
        self.message_user(request, f"Deleted {deleted} drive{'' if deleted == 1 else 's'}.")
