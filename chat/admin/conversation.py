"""Conversations with their messages in the admin, for looking."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from chat.models import Conversation, Message, Part
from sandboxes.admin.reading import ReadOnlyAdmin, ReadOnlyInline


class MessageInline(ReadOnlyInline):
    model = Message
    fields = readonly_fields = ("role", "turn", "content", "created_at")
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .select_related("turn")
            .prefetch_related("parts", "attachments")
        )

    @admin.display(description="content")
    def content(self, message: Any) -> str:
        said_in_it = [said(part) for part in message.parts.all()]
        said_in_it += [f"Attached: {one.name}" for one in message.attachments.all()]
        return format_html_join("", '<pre class="part">{}</pre>', ((each,) for each in said_in_it))


def said(part: Part) -> str:
    """A part in plain words."""
    if part.kind == Part.Kind.TOOL_CALL:
        return f"{part.tool} ({part.get_state_display()}) {part.arguments}"
    if part.kind == Part.Kind.TEXT:
        return part.text
    return f"{part.get_kind_display()}: {part.text}"


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "owner", "model", "sandbox", "turns", "updated_at", "archived_at")
    list_filter = ("model", ("archived_at", admin.EmptyFieldListFilter))
    list_select_related = ("owner", "sandbox")
    search_fields = ("=id", "title", "owner__username")
    date_hierarchy = "updated_at"
    ordering = ("-updated_at",)
    inlines = (MessageInline,)
    fields = readonly_fields = (
        "id",
        "title",
        "owner",
        "model",
        "sandbox",
        "turn_list",
        "created_at",
        "updated_at",
        "archived_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(turn_count=Count("turns"))

    @admin.display(description="turns", ordering="turn_count")
    def turns(self, conversation: Any) -> int:
        return conversation.turn_count

    @admin.display(description="turns")
    def turn_list(self, conversation: Any) -> str:
        return format_html(
            '<a href="{}?conversation__id__exact={}">{} turns</a>',
            reverse("admin:chat_turn_changelist"),
            conversation.pk,
            conversation.turn_count,
        )
