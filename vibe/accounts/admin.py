"""Users, their API keys and sign-in links in the admin. No secret is shown here."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from vibe.accounts.models import ApiKey, SignInLink, User
from vibe.accounts.services import api_keys, sign_in


class NotByHand(admin.ModelAdmin):
    """Rows that only services make and change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ("username", "is_active", "is_superuser", "last_login", "date_joined")
    actions = ("make_sign_in_link",)

    @admin.action(description="Make a one-time sign-in link", permissions=["change"])
    def make_sign_in_link(self, request: HttpRequest, users: QuerySet[User]) -> None:
        # A link signs in as its user, so it takes what that user may do.
        if not request.user.is_superuser:
            self.message_user(
                request, "Only an administrator may make sign-in links.", messages.ERROR
            )
            return
        for user in users.filter(is_active=True):
            link = sign_in.link_for(user, settings.PUBLIC_URL)
            self.log_change(request, user, "Made a one-time sign-in link.")
            self.message_user(request, f"{user.username} signs in once, within a day, by: {link}")


@admin.register(ApiKey)
class ApiKeyAdmin(NotByHand):
    list_display = (
        "prefix",
        "name",
        "user",
        "scopes",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = ("revoked_at",)
    list_select_related = ("user",)
    search_fields = ("prefix", "name", "user__username")
    fields = list_display
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["delete"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
            api_keys.revoke(key)
        self.message_user(request, "The keys no longer work.")


@admin.register(SignInLink)
class SignInLinkAdmin(NotByHand):
    list_display = ("user", "created_at", "expires_at", "used_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = list_display
