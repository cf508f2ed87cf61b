"""Money in the admin: requests to models, what each user has spent, and caps to edit."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from chat.models import ModelRequest, SpendingCap
from chat.services.spending.amounts import in_words
from sandboxes.admin.reading import ReadOnlyAdmin


@admin.register(ModelRequest)
class ModelRequestAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "owner",
        "model",
        "purpose",
        "outcome",
        "attempts",
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "dollars",
        "started_at",
    )
    list_filter = ("outcome", "purpose", "day")
    list_select_related = ("owner",)
    search_fields = ("=id", "=turn__id", "=conversation__id", "owner__username", "model")
    date_hierarchy = "day"
    ordering = ("-started_at", "-id")
    fields = readonly_fields = (
        "id",
        "owner",
        "conversation",
        "turn",
        "model",
        "purpose",
        "outcome",
        "attempts",
        "input_tokens",
        "cached_tokens",
        "cache_write_tokens",
        "output_tokens",
        "dollars",
        "reserved",
        "counted",
        "started_at",
        "finished_at",
    )

    @admin.display(description="cost", ordering="cost")
    def dollars(self, one: ModelRequest) -> str:
        if one.cost is None:
            return "–" if one.outcome == ModelRequest.Outcome.RUNNING else "unknown"
        return in_words(one.cost) if one.cost else "free"


@admin.register(SpendingCap)
class SpendingCapAdmin(admin.ModelAdmin):
    """Of an operator: for each conversation, user or group, for one of them, or for all."""

    list_display = ("__str__", "scope", "period", "amount", "unknown_price", "updated_at")
    list_filter = ("scope", "period")
    list_select_related = ("conversation", "user", "group")
    search_fields = ("user__username", "group__name", "conversation__title")
    raw_id_fields = ("conversation",)
    autocomplete_fields = ("user",)
    fields = (
        "scope",
        "period",
        "conversation",
        "user",
        "group",
        "amount",
        "unknown_price",
        "spending",
    )
    readonly_fields = ("spending",)

    @admin.display(description="what was spent")
    def spending(self, _cap: SpendingCap) -> str:
        return format_html('<a href="{}?all">By user, model and day</a>', reverse("chat:usage"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)
