"""Commands and the end of their log in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.text import Truncator

from sandboxes.admin.reading import ReadOnlyAdmin
from sandboxes.models import Command
from sandboxes.output import replay

LOG_BYTES = 64 * 1024


@admin.register(Command)
class CommandAdmin(ReadOnlyAdmin):
    list_display = ("short_line", "sandbox", "owner", "status", "result", "size", "created_at")
    list_filter = ("status", "cause", "background")
    list_select_related = ("sandbox__owner",)
    search_fields = ("=id", "executable", "sandbox__name", "sandbox__owner__username")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    fields = readonly_fields = (
        "id",
        "line",
        "sandbox",
        "session",
        "owner",
        "cwd",
        "variables",
        "background",
        "timeout",
        "status",
        "result",
        "error",
        "left_processes",
        "sent_signal",
        "started_by",
        "stopped_by",
        "created_at",
        "started_at",
        "finished_at",
        "size",
        "dropped_bytes",
        "log",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        people = ("sandbox__owner", "started_by", "stopped_by")
        return super().get_queryset(request).select_related("session", *people)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # The link of a sandbox's page; everything else follows Django's rules.
        return lookup == "sandbox__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="command", ordering="executable")
    def short_line(self, command: Command) -> str:
        return Truncator(command.line).chars(80)

    @admin.display(description="command line")
    def line(self, command: Command) -> str:
        return format_html('<code class="log">{}</code>', command.line)

    @admin.display(description="owner", ordering="sandbox__owner")
    def owner(self, command: Command) -> str:
        return str(command.sandbox.owner)

    @admin.display(description="result", ordering="cause")
    def result(self, command: Command) -> str:
        return command.outcome

    @admin.display(description="output", ordering="log_size")
    def size(self, command: Command) -> str:
        return filesizeformat(command.log_size)

    @admin.display(description="environment")
    def variables(self, command: Command) -> str:
        # Names alone: the values are often somebody's secrets.
        return ", ".join(sorted(command.env)) or "–"

    @admin.display(description="log")
    def log(self, command: Command) -> str:
        """The last 64 KiB as text; what a program printed is escaped like everything."""
        text = replay.text(command, max_bytes=LOG_BYTES, tail=True)
        page = format_html('<a href="/sandboxes/{}/">Open it live</a>', command.sandbox_id)
        if not text:
            return format_html("<p>No output. {}</p>", page)
        return format_html('<p>{}</p><pre class="log">{}</pre>', page, text)
