"""Servers of tools: to add, change and take away, a user's own or everybody's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from chat.models import ToolServer
from chat.services.mcp import typed_servers
from chat.tool_servers import headers as sent_headers
from chat.tool_servers.session import Place
from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.ids import new_id
from vibe.refusal import Code, Refusal

NAME_LENGTH, ADDRESS_LENGTH, SLUG_LENGTH = 60, 500, 24
# Rows that nobody owns are the operator's, up to here.
PLATFORM_SERVERS = 100
KEPT = kept.register(
    kept.Kind(
        "tool_servers",
        "servers of tools",
        lambda owner: ToolServer.objects.filter(owner_id=owner),
        lambda: settings.TOOL_SERVERS_PER_USER,
        "Delete one that you do not use.",
    )
)


def list_for(owner: User | None) -> QuerySet[ToolServer]:
    """The user's own, or everybody's."""
    return ToolServer.objects.filter(owner=owner)


def usable_by(user: User) -> QuerySet[ToolServer]:
    """Those whose tools a model gets in the user's conversations; everybody's first."""
    found = ToolServer.objects.filter(Q(owner=None) | Q(owner=user), enabled=True)
    return found.order_by(F("owner").asc(nulls_first=True), "created_at", "id")


def get_for(owner: User | None, server_id: str) -> ToolServer:
    """Refusal(not_found) also for somebody else's."""
    found = list_for(owner).filter(pk=server_id).select_related("owner").first()
    if found is None:
        raise Refusal(
            "There is no such server of tools.", "It may have been deleted.", Code.NOT_FOUND
        )
    return found


def create(
    owner: User | None,
    *,
    name: str,
    url: str,
    headers: dict[str, str] | None = None,
    enabled: bool = True,
) -> ToolServer:
    """Add a server. Raises Refusal: invalid (a field does not fit), denied (an address that may not
    be reached), limit."""
    name, url = typed_servers.name(name, "server", NAME_LENGTH), _address(owner, url)
    given = sent_headers.checked(headers or {})
    with transaction.atomic():
        if owner is not None:
            KEPT.check(owner.pk)
        elif ToolServer.objects.filter(owner=None).count() >= PLATFORM_SERVERS:
            raise Refusal("There are too many servers of tools.", "Delete one first.", Code.LIMIT)
        return ToolServer.objects.create(
            owner=owner,
            name=name,
            slug=_slug(owner, name),
            url=url,
            enabled=enabled,
            **_sealed(given),
        )


def change(server: ToolServer, changes: Mapping[str, Any]) -> ToolServer:
    """Set name, url, headers ({} takes them away; leave them out to keep them) or enabled.

    An address of another server needs the headers anew, so that nobody who may only change the
    address has the kept ones sent to himself. Raises Refusal as `create` does.
    """
    fields = check(server, changes)
    if "headers" in fields:
        fields |= _sealed(fields.pop("headers"))
    if "url" in fields and fields["url"] != _kept_url(server):
        # Another server's tools are nothing that anybody has looked at.
        fields |= {"tools": [], "read_only": [], "is_healthy": None, "last_error": ""}
        fields["checked_at"] = None
    for field, value in fields.items():
        setattr(server, field, value)
    server.save(update_fields=list(fields))
    return server


def check(server: ToolServer, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as they would be kept; nothing is written. Raises Refusal as `change` does."""
    fields: dict[str, Any] = {}
    if "name" in changes:
        fields["name"] = typed_servers.name(changes["name"], "server", NAME_LENGTH)
    if "enabled" in changes:
        fields["enabled"] = bool(changes["enabled"])
    if "headers" in changes:
        fields["headers"] = sent_headers.checked(changes["headers"])
    if "url" in changes:
        fields["url"] = _address(server.owner, changes["url"])
        before = _kept_url(server)
        moved = before is not None and typed_servers.is_elsewhere(fields["url"], before)
        if moved and server.sealed_headers and "headers" not in changes:
            raise Refusal(
                "The address leads to another server, and the kept headers belong to the former.",
                "Enter the headers together with the address.",
            )
    return fields


def mark_read_only(server: ToolServer, names: list[str]) -> None:
    """Say which tools of a server of everybody's change nothing: plan mode offers those."""
    known = {tool["name"] for tool in server.tools}
    server.read_only = sorted(known.intersection(names))
    server.save(update_fields=["read_only"])


def delete(server: ToolServer) -> None:
    """Delete it with its headers; conversations keep what its tools have said."""
    server.delete()


def place_of(server: ToolServer) -> Place:
    """Where to reach it. Raises ServerFailed when its headers cannot be read."""
    return Place(server.url, sent_headers.opened(server.sealed_headers), is_guarded(server.owner))


def is_guarded(owner: User | None) -> bool:
    """Whether such a server is held to public addresses. The operator's and his administrators'
    are not."""
    return owner is not None and not settings.TOOL_SERVERS_PRIVATE and not owner.is_superuser


def _sealed(headers: dict[str, str]) -> dict[str, Any]:
    return {"sealed_headers": sent_headers.sealed(headers), "header_names": list(headers)}


def _address(owner: User | None, url: str) -> str:
    url = typed_servers.address(url, "https://tools.example.com/mcp", ADDRESS_LENGTH)
    if is_guarded(owner):
        typed_servers.refuse_private(url, "server", "VIBE_TOOL_SERVERS_PRIVATE")
    return url


def _kept_url(server: ToolServer) -> str | None:
    return ToolServer.objects.filter(pk=server.pk).values_list("url", flat=True).first()


def _slug(owner: User | None, name: str) -> str:
    """A word that no other server has whose tools somebody could get together with these."""
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:16].strip("_") or "tools"
    rivals = ToolServer.objects.filter(slug=base)
    if owner is not None:
        rivals = rivals.filter(Q(owner=None) | Q(owner=owner))
    return f"{base}_{new_id('')[:6]}" if rivals.exists() else base
