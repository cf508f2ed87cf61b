"""Errors and decisions on them in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin

from chat.models import Problem, ProblemDecision
from sandboxes.admin.reading import ReadOnlyAdmin


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin):
    list_display = (
        "title",
        "kind",
        "about",
        "severity",
        "status",
        "needs_person",
        "attempts",
        "count",
        "last_seen",
    )
    list_filter = ("status", "kind", "severity", "needs_person", "about")
    search_fields = ("=id", "=conversation__id", "conversation__owner__username", "=fingerprint")
    ordering = ("-last_seen", "-id")


@admin.register(ProblemDecision)
class ProblemDecisionAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "action", "by", "title", "reason", "turn")
    list_filter = ("action", "by")
    list_select_related = ("turn",)
    search_fields = ("=id", "=conversation__id", "conversation__owner__username", "=problem__id")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
