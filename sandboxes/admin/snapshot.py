"""Snapshots in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from sandboxes.admin.reading import ReadOnlyAdmin
from sandboxes.models import Snapshot
from sandboxes.services import snapshots


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ("label", "owner", "sandbox", "status", "size", "created_at", "expires_at")
    list_filter = ("status", "method", "node")
    list_select_related = ("owner", "sandbox")
    search_fields = ("=id", "name", "sandbox__name", "owner__username")
    date_hierarchy = "created_at"
    actions = ("delete",)
    fields = readonly_fields = (
        "id",
        "name",
        "owner",
        "sandbox",
        "session",
        "parent",
        "node",
        "status",
        "method",
        "size",
        "file_count",
        "error",
        "created_at",
        "finished_at",
        "last_used_at",
        "expires_at",
        "deleted_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("owner", "sandbox", "parent")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sandboxes.delete_snapshot")

    @admin.display(description="snapshot", ordering="name")
    def label(self, snapshot: Snapshot) -> str:
        return str(snapshot)

    @admin.display(description="size", ordering="size_bytes")
    def size(self, snapshot: Snapshot) -> str:
        return filesizeformat(snapshot.size_bytes)

    @admin.action(description="Delete selected snapshots", permissions=["remove"])
    def delete(self, request: HttpRequest, queryset: QuerySet[Snapshot]) -> None:
        found = list(queryset.exclude(status=Snapshot.Status.DELETED))
        for snapshot in found:
            snapshots.delete(snapshot, why="an administrator asked for it")
        messages.success(request, f"Deleted {len(found)} of the selected snapshots.")
