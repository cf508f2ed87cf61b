"""Providers of models: to add, change, test and take away, a user's own or everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from chat.models import LanguageModel, Provider
from chat.providers import asking, sealing
from chat.providers.endpoint import is_guarded, of_provider
from chat.providers.errors import ProviderError
from chat.providers.wires import Wire, preset_at
from chat.services.mcp import typed_servers
from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.ids import new_id
from vibe.refusal import Code, Refusal
from vibe.shares.owner import of_user

NAME_LENGTH, ADDRESS_LENGTH, KEY_LENGTH = 60, 500, 1000
# Rows that nobody owns are the operator's, who knows what he does, up to here.
PLATFORM_PROVIDERS = 200
RESERVED = {"openai", "anthropic", "custom", "demo", "recorded"}
KEPT = kept.register(
    kept.Kind(
        "model_providers",
        "model providers",
        lambda owner: Provider.objects.filter(owner_id=owner),
        lambda: settings.PROVIDERS_PER_USER,
        "Delete one that you do not use.",
    )
)


def list_for(owner: User | None) -> QuerySet[Provider]:
    """The user's own, or everybody's."""
    return Provider.objects.filter(owner=owner).prefetch_related("models")


def get_for(owner: User | None, provider_id: str) -> Provider:
    """Refusal(not_found) also for somebody else's."""
    found = list_for(owner).filter(pk=provider_id).select_related("owner").first()
    if found is None:
        raise Refusal("There is no such provider.", "It may have been deleted.", Code.NOT_FOUND)
    return found


def create(
    owner: User | None, *, name: str, wire: str, base_url: str, key: str = "", enabled: bool = True
) -> Provider:
    """Add a provider. Raises Refusal: invalid (a field does not fit, an address that may not be
    reached), limit."""
    name, key = typed_servers.name(name, "provider", NAME_LENGTH), _key(key)
    base_url = _address(owner, wire, base_url)
    with transaction.atomic():
        if owner is not None:
            KEPT.check(owner.pk)
        elif Provider.objects.filter(owner=None).count() >= PLATFORM_PROVIDERS:
            raise Refusal("There are too many providers.", "Delete one first.", Code.LIMIT)
        return Provider.objects.create(
            owner=owner,
            name=name,
            slug=_slug(owner, name),
            wire=wire,
            base_url=base_url,
            enabled=enabled,
            **_sealed(key),
        )


def change(provider: Provider, changes: Mapping[str, Any]) -> Provider:
    """Set name, wire, base_url, key ("" takes it away; leave it out to keep it) or enabled.

    An address of another server needs the key anew, so that nobody who may only change the
    address has the kept key sent to himself. Raises Refusal(invalid).
    """
    fields = check(provider, changes)
    if "key" in fields:
        fields |= _sealed(fields.pop("key"))
    for field, value in fields.items():
        setattr(provider, field, value)
    provider.save(update_fields=list(fields))
    return provider


def check(provider: Provider, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as they would be kept; nothing is written. Raises Refusal as `change` does."""
    fields: dict[str, Any] = {}
    if "name" in changes:
        fields["name"] = typed_servers.name(changes["name"], "provider", NAME_LENGTH)
    if "enabled" in changes:
        fields["enabled"] = bool(changes["enabled"])
    if "key" in changes:
        fields["key"] = _key(changes["key"])
    if "wire" in changes or "base_url" in changes:
        kept_at = Provider.objects.filter(pk=provider.pk).values_list("base_url", flat=True).first()
        fields["wire"] = changes.get("wire", provider.wire)
        fields["base_url"] = _address(
            provider.owner, fields["wire"], changes.get("base_url", provider.base_url)
        )
        moved = kept_at is not None and typed_servers.is_elsewhere(fields["base_url"], kept_at)
        if moved and provider.sealed_key and "key" not in changes:
            raise Refusal(
                "The address leads to another server, and the kept key belongs to the former one.",
                "Enter the key together with the address.",
            )
    return fields


def delete(provider: Provider) -> None:
    """Delete it with its models and its key; conversations keep the ids, and say so."""
    provider.delete()


def test(provider: Provider, asker: User, model: LanguageModel | None = None) -> asking.Tested:
    """Have a model of it (the given one, else the first) say one word.

    Raises Refusal: invalid without any model, limit when the asker's share is full.
    """
    model = model or provider.models.order_by("-enabled", "order", "label", "id").first()
    if model is None:
        raise Refusal(
            f"{provider.name} has no model yet.",
            "Fetch its list of models, or type the name of one. Then test it.",
        )
    try:
        endpoint = of_provider(provider)
    except ProviderError as error:
        return asking.Tested(False, 0, error.title, error.detail)
    return asking.test(asking.with_model(endpoint, model.name), of_user(asker.pk))


def names_at(provider: Provider, asker: User) -> list[dict[str, Any]]:
    """What the provider says of its models. Raises Refusal with its words."""
    try:
        endpoint = of_provider(provider)
    except ProviderError as error:
        raise Refusal(f"{error.title}.", error.detail) from None
    return asking.names(endpoint, of_user(asker.pk))


def _key(key: str) -> str:
    key = key.strip()
    # It becomes a header: a line break would become two.
    if len(key) > KEY_LENGTH or not key.isascii() or not (key.isprintable() and " " not in key):
        raise Refusal("This is no key.", "Copy it again, without spaces or line breaks.")
    return key


def _sealed(key: str) -> dict[str, str]:
    # Of a short key four characters would be too much to show.
    return {"sealed_key": sealing.sealed(key), "key_end": key[-4:] if len(key) >= 12 else ""}


def _address(owner: User | None, wire: str, base_url: str) -> str:
    if wire not in Wire.values:
        raise Refusal(
            f"There is no wire format {wire[:40]!r}.", f"It is one of {', '.join(Wire.values)}."
        )
    base_url = typed_servers.address(
        base_url.strip().rstrip("/"), "https://api.example.com/v1", ADDRESS_LENGTH
    )
    known = preset_at(base_url)
    if wire == Wire.BEDROCK and not (known and known.wire == Wire.BEDROCK):
        raise Refusal(
            "This is no address of Amazon Bedrock.",
            "It looks like https://bedrock-runtime.eu-central-1.amazonaws.com.",
        )
    if is_guarded(owner, base_url):
        typed_servers.refuse_private(base_url, "provider", "VIBE_MODELS_PRIVATE")
    return base_url


def _slug(owner: User | None, name: str) -> str:
    """Everybody's are called by name; a user's own have an ending that nobody else has."""
    base = slugify(name)[:24].strip("-") or "models"
    free = owner is None and base not in RESERVED
    if free and not Provider.objects.filter(slug=base).exists():
        return base
    return f"{base}-{new_id('')[:8]}"
