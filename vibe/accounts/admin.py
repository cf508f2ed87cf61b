"""Users, their API keys and sign-in links in the admin. No secret is shown here."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
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
    """What a person may do is an administrator's to say. Others who may change users change those
    who may do no more than themselves: a password or a name of somebody is the way to be him."""

    list_display = ("username", "is_active", "is_superuser", "last_login", "date_joined")
    actions = ("make_sign_in_link",)
    RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if _may_everything(request) else (*fields, *self.RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _reaches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _reaches(request, obj)

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


def _may_everything(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser


def _reaches(request: HttpRequest, other: User | None) -> bool:
    """Whether the other, None for nobody yet, may do nothing that who asks may not do."""
    if other is None or _may_everything(request):
        return True
    mine = cast(User, request.user).get_all_permissions()
    return not other.is_superuser and other.get_all_permissions() <= mine


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """Who fills a group gives its members what he likes, himself among them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _may_everything(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_everything(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_everything(request)


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
