"""Who agreed to run commands without isolation; deleting a row takes the agreement back."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from sandboxes.models import IsolationConsent


@admin.register(IsolationConsent)
class IsolationConsentAdmin(admin.ModelAdmin):
    list_display = ("node", "given_by", "given_at")
    list_select_related = ("given_by",)
    readonly_fields = ("node", "given_by", "given_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Agreement is given in the dialog that says what it means.
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
