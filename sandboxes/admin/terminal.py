"""Terminals in the admin: who has which open, how large it is, and closing it."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from sandboxes.admin.reading import ReadOnlyAdmin
from sandboxes.models import Terminal
from sandboxes.output import replay
from sandboxes.services import terminals
from vibe.refusal import Refusal
from vibe.web.requests import UserRequest

SCREEN_BYTES = 16 * 1024


class OpenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("1", "open"), ("0", "closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Terminal]) -> QuerySet[Terminal]:
        if self.value() is None:
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "1")


@admin.register(Terminal)
class TerminalAdmin(ReadOnlyAdmin):
    list_display = ("name", "sandbox", "owner", "state", "size", "created_at", "closed_at")
    list_filter = (OpenFilter,)
    list_select_related = ("sandbox__owner", "command")
    search_fields = ("=id", "name", "sandbox__name", "sandbox__owner__username")
    ordering = ("-created_at", "-id")
    actions = ("close",)
    fields = readonly_fields = (
        "id", "name", "sandbox", "owner", "command", "state", "size", "created_at", "closed_at",
        "screen",
    )  # fmt: skip

    @admin.display(description="owner", ordering="sandbox__owner")
    def owner(self, terminal: Terminal) -> str:
        return str(terminal.sandbox.owner)

    @admin.display(description="program", ordering="command__status")
    def state(self, terminal: Terminal) -> str:
        return terminal.command.outcome

    @admin.display(description="columns × rows")
    def size(self, terminal: Terminal) -> str:
        return f"{terminal.cols} × {terminal.rows}"

    @admin.display(description="screen")
    def screen(self, terminal: Terminal) -> str:
        """The last of what it showed, as text without its codes."""
        text = replay.text(terminal.command, max_bytes=SCREEN_BYTES, tail=True)
        return format_html('<pre class="log">{}</pre>', text) if text else "Nothing yet."

    # Looking is for all of the staff; ending what somebody else runs needs the permission.
    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sandboxes.change_terminal")

    @admin.action(description="Close selected terminals", permissions=["close"])
    def close(self, request: UserRequest, queryset: QuerySet[Terminal]) -> None:
        closed = 0
        for terminal in queryset.filter(closed_at=None).select_related("command", "sandbox"):
            try:
                terminals.close(terminal, by=request.user)
            except Refusal as error:
                self.message_user(request, f"{terminal}: {error}", messages.ERROR)
            else:
                closed += 1
        self.message_user(request, f"Closed {closed} terminal{'' if closed == 1 else 's'}.")
