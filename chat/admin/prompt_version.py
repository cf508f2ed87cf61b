"""The system prompt and the operator's instructions in the admin, in versions."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from chat.models import PromptVersion
from chat.services.context import prompts
from vibe.accounts.models import User
from vibe.refusal import Refusal

COLOURS = {"+": "ins", "-": "del"}


class PromptForm(forms.ModelForm):
    class Meta:
        model = PromptVersion
        fields = ("kind", "text", "note")
        widgets = {"text": forms.Textarea(attrs={"rows": 40, "cols": 110, "spellcheck": "false"})}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, text = cleaned.get("kind"), cleaned.get("text")
        if kind and text and len(text) > (most := prompts.LIMITS[PromptVersion.Kind(kind)]):
            self.add_error("text", f"It has {len(text):,} characters; {most:,} is the limit.")
        return cleaned


@admin.register(PromptVersion)
class PromptVersionAdmin(admin.ModelAdmin):
    """A version is added and stays as it is; which one holds is chosen by an action."""

    form = PromptForm
    list_display = ("kind", "created_at", "author", "note", "holds", "changes")
    list_filter = ("kind", "active")
    list_select_related = ("author",)
    actions = ("activate", "back_to_ours")
    shown = ("kind", "created_at", "author", "note", "active", "difference", "text")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_activate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chat.add_promptversion")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else ("kind", "text", "note")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new version begins as the one that holds."""
        asked = request.GET.get("kind", "")
        kind = asked if asked in PromptVersion.Kind.values else PromptVersion.Kind.SYSTEM
        return {"kind": kind, "text": prompts.text(kind)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        made = prompts.add(obj.kind, obj.text, cast(User, request.user), note=obj.note)
        obj.pk, obj.active = made.pk, True
        obj.refresh_from_db()

    @admin.display(description="holds", boolean=True, ordering="active")
    def holds(self, version: PromptVersion) -> bool:
        return version.active

    @admin.display(description="lines other than ours")
    def changes(self, version: PromptVersion) -> str:
        lines = prompts.difference(version)[2:]
        added = sum(line.startswith("+") for line in lines)
        removed = sum(line.startswith("-") for line in lines)
        return f"+{added} −{removed}" if added or removed else "the same as ours"

    @admin.display(description="difference to ours")
    def difference(self, version: PromptVersion) -> str:
        lines = prompts.difference(version)[2:]
        if not lines:
            return "None: it is the same as ours."
        shown = format_html_join(
            "\n", "<{0}>{1}</{0}>", ((COLOURS.get(line[:1], "span"), line) for line in lines)
        )
        return format_html('<pre class="part">{}</pre>', shown)

    @admin.action(description="Let this version hold", permissions=["activate"])
    def activate(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        versions = list(chosen[:2])
        if len(versions) != 1:
            messages.error(request, "Choose one version.")
            return
        try:
            prompts.activate(versions[0])
        except Refusal as error:
            messages.error(request, f"{error.message} {error.hint}")
            return
        messages.success(request, f"{versions[0]} holds from the next turn on.")

    @admin.action(description="Back to ours, for the kinds of these", permissions=["activate"])
    def back_to_ours(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        for kind in sorted(set(chosen.values_list("kind", flat=True))):
            prompts.back_to_ours(kind)
            label = PromptVersion.Kind(kind).label
            messages.success(request, f"The {label} is ours again, from the next turn on.")
