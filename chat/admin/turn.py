"""Turns in the admin: what they cost, how they ended, and a way to stop one."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.models import Turn
from chat.services import stopping
from sandboxes.admin.reading import ReadOnlyAdmin
from vibe.refusal import Refusal
from vibe.web.requests import UserRequest


@admin.register(Turn)
class TurnAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "conversation",
        "owner",
        "model",
        "status",
        "failure",
        "requests",
        "input_tokens",
        "output_tokens",
        "created_at",
    )
    list_filter = ("status", "waiting_for", "model")
    list_select_related = ("conversation__owner",)
    search_fields = ("=id", "=conversation__id", "conversation__title")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    actions = ("stop",)
    fields = readonly_fields = (
        "id",
        "conversation",
        "owner",
        "model",
        "mode",
        "status",
        "waiting_for",
        "failure",
        "requests",
        "input_tokens",
        "output_tokens",
        "created_at",
        "started_at",
        "finished_at",
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "conversation__id__exact" or super().lookup_allowed(lookup, value, request)

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chat.change_turn")

    @admin.display(description="owner", ordering="conversation__owner")
    def owner(self, turn: Turn) -> str:
        return str(turn.conversation.owner)

    @admin.display(description="failure")
    def failure(self, turn: Turn) -> str:
        return (turn.error or {}).get("title", "")

    @admin.action(description="Stop selected turns", permissions=["stop"])
    def stop(self, request: UserRequest, queryset: QuerySet[Turn]) -> None:
        stopped = 0
        for turn in queryset.filter(status__in=Turn.ACTIVE):
            try:
                stopping.stop_turn(turn, request.user)
                stopped += 1
            except Refusal as error:
                messages.error(request, f"{turn.pk}: {error}")
        messages.info(request, f"Stopped {stopped} of the selected turns.")
