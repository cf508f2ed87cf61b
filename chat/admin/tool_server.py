"""Servers of tools of everybody in the admin. Those of users are their own affair."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.models import ToolServer
from chat.services.mcp import server_tools, tool_servers
from chat.tool_servers import headers as sent_headers
from vibe.accounts.models import User
from vibe.refusal import Refusal


class ToolServerForm(forms.ModelForm):
    """Headers go in and never come out."""

    headers = forms.CharField(
        required=False,
        max_length=30_000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text="“Name: value”, one a line. Kept encrypted. Empty keeps those that are there.",
    )
    forget_headers = forms.BooleanField(required=False, label="take the kept headers away")
    read_only = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="tools that only read",
        help_text="They change nothing, says you: plan mode offers those. A tool that its server "
        "describes otherwise from then on loses the mark.",
    )

    class Meta:
        model = ToolServer
        fields = ("name", "url", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [tool["name"] for tool in self.instance.tools]
        field = cast(forms.MultipleChoiceField, self.fields["read_only"])
        field.choices = [(name, name) for name in names]
        self.initial["read_only"] = self.instance.read_only

    def clean(self) -> dict[str, Any]:
        """Try the service's rules here, so that a refusal stands beside the form."""
        found = super().clean() or {}
        if self.errors:
            return found
        try:
            tool_servers.check(self.instance, changes_of(found))
        except Refusal as error:
            raise forms.ValidationError(f"{error.message} {error.hint}") from None
        return found


def changes_of(data: dict[str, Any]) -> dict[str, Any]:
    """What the form says is to be changed. Raises Refusal for headers that are none."""
    changes = {name: data[name] for name in ("name", "url", "enabled")}
    if data.get("forget_headers"):
        changes["headers"] = {}
    elif data.get("headers", "").strip():
        changes["headers"] = sent_headers.parsed(data["headers"])
    return changes


@admin.register(ToolServer)
class ToolServerAdmin(admin.ModelAdmin):
    form = ToolServerForm
    list_display = ("name", "url", "enabled", "is_healthy", "tools_count", "checked_at")
    list_filter = ("enabled", "is_healthy")
    readonly_fields = ("header_names", "is_healthy", "last_error", "checked_at")
    fields = (
        "name", "url", "headers", "forget_headers", "header_names", "enabled", "read_only",
        "is_healthy", "last_error", "checked_at",
    )  # fmt: skip
    actions = ("test",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ToolServer]:
        return tool_servers.list_for(None)

    @admin.display(description="tools")
    def tools_count(self, server: ToolServer) -> int:
        return len(server.tools)

    def save_model(self, request: HttpRequest, obj: ToolServer, form: Any, change: bool) -> None:
        data = changes_of(form.cleaned_data)
        if change:
            server = tool_servers.change(tool_servers.get_for(None, obj.pk), data)
            tool_servers.mark_read_only(server, form.cleaned_data["read_only"])
        else:
            obj.pk = tool_servers.create(None, **data).pk

    def delete_model(self, request: HttpRequest, obj: ToolServer) -> None:
        tool_servers.delete(obj)

    @admin.action(description="Test selected servers", permissions=["change"])
    def test(self, request: HttpRequest, queryset: QuerySet[ToolServer]) -> None:
        for server in queryset[:5]:
            try:
                server_tools.check(server, cast(User, request.user))
            except Refusal as error:
                messages.error(request, f"{server}: {error}")
                continue
            if server.is_healthy:
                messages.success(request, f"{server}: it answers, {len(server.tools)} tools.")
            else:
                messages.error(request, f"{server}: {server.last_error}")
