"""What models are told by users, and summaries, in the admin, for looking."""

from __future__ import annotations

from django.contrib import admin

from chat.models import Skill, Summary, UserInstructions
from sandboxes.admin.reading import ReadOnlyAdmin


@admin.register(UserInstructions)
class UserInstructionsAdmin(ReadOnlyAdmin):
    list_display = ("user", "updated_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = readonly_fields = ("user", "text", "updated_at")


@admin.register(Skill)
class SkillAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "description", "updated_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    fields = readonly_fields = ("owner", "name", "description", "text", "updated_at")


@admin.register(Summary)
class SummaryAdmin(ReadOnlyAdmin):
    list_display = ("id", "conversation", "turns", "author", "created_at")
    list_filter = ("author",)
    list_select_related = ("conversation",)
    search_fields = ("=id", "=conversation__id")
    fields = readonly_fields = (
        "conversation",
        "through",
        "steps",
        "turns",
        "author",
        "text",
        "rules",
        "said",
        "tokens_before",
        "tokens_after",
        "created_at",
        "edited_at",
    )
