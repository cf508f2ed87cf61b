"""Models of providers: to enter, fetch, change and take away; and what a user prefers of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet

from chat.models import LanguageModel, ModelPreference, Provider
from chat.providers import EFFORTS, catalogue
from chat.providers.capabilities import guessed
from chat.services.offered_models import model_providers
from chat.services.storable import storable
from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.refusal import Code, Refusal

NAME_LENGTH = 150
MOST_TOKENS = 100_000_000
MOST_DOLLARS = Decimal(100_000)
MOST_FALLBACKS = 5
PLATFORM_MODELS = 5_000
# Of a list so short, everything is offered at once.
FEW = 12
PRICES = ("input_price", "output_price", "cached_input_price", "cache_write_price")
SIZES = ("context_size", "output_limit")
FLAGS = ("enabled", "sees_images", "uses_tools")
KEPT = kept.register(
    kept.Kind(
        "models",
        "models of providers of your own",
        lambda owner: LanguageModel.objects.filter(provider__owner_id=owner),
        lambda: settings.MODELS_PER_USER,
        "Delete some that you do not use.",
    )
)


def get_for(owner: User | None, model_id: str) -> LanguageModel:
    """By the row's id; Refusal(not_found) also for somebody else's."""
    found = (
        LanguageModel.objects.filter(provider__owner=owner, pk=model_id)
        .select_related("provider__owner")
        .first()
    )
    if found is None:
        raise Refusal("There is no such model.", "It may have been deleted.", Code.NOT_FOUND)
    return found


def add(
    provider: Provider,
    name: str,
    *,
    label: str = "",
    context: int | None = None,
    enabled: bool = True,
) -> LanguageModel:
    """Enter a model by its name at the provider; what it can do is guessed from that.

    Raises Refusal: invalid, conflict (it is there already), limit.
    """
    name = name.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable() or " " in name:
        raise Refusal(
            "This is no name of a model.",
            f"One to {NAME_LENGTH} characters without spaces, as the provider writes it.",
        )
    with transaction.atomic():
        _check_room(provider)
        if provider.models.filter(name=name).exists():
            raise Refusal(f"{name} is there already.", "Change that one.", Code.CONFLICT)
        able = guessed(provider.wire, name)
        last = provider.models.aggregate(last=Max("order"))["last"]
        return LanguageModel.objects.create(
            provider=provider,
            name=name,
            shown_id=f"{provider.slug}:{name}",
            label=_label(label or name),
            sees_images=able.sees_images,
            efforts=list(able.efforts),
            context_size=context,
            enabled=enabled,
            order=0 if last is None else last + 1,
        )


def fetch(provider: Provider, asker: User) -> tuple[int, int]:
    """Ask the provider for its models and enter those that are new; (new ones, all of them).

    Of a short list all can be chosen at once; of a long one only those that somebody enables.
    Raises Refusal with the provider's words.
    """
    told = model_providers.names_at(provider, asker)
    there = set(provider.models.values_list("name", flat=True))
    new = [one for one in told if one["name"] not in there]
    few = len(told) <= FEW
    with transaction.atomic():
        for one in new:
            add(provider, one["name"], label=one["label"], context=one["context"], enabled=few)
    return len(new), len(told)


def change(model: LanguageModel, changes: Mapping[str, Any]) -> LanguageModel:
    """Set label, enabled, sees_images, uses_tools, efforts, context_size, output_limit, order or
    prices; None where nobody knows. Raises Refusal(invalid)."""
    checked: dict[str, Any] = {}
    for field, value in changes.items():
        if field in FLAGS:
            checked[field] = bool(value)
        elif field in SIZES:
            checked[field] = _tokens(field, value)
        elif field in PRICES:
            checked[field] = _dollars(value)
        elif field == "efforts":
            checked[field] = _efforts(value)
        elif field == "order":
            checked[field] = _tokens(field, value) or 0
        elif field == "label":
            checked[field] = _label(value)
        else:
            raise Refusal(f"A model has no {field[:40]!r}.")
    for field, value in checked.items():
        setattr(model, field, value)
    model.save(update_fields=list(checked))
    return model


def delete(model: LanguageModel) -> None:
    model.delete()


def preference_of(owner: User | None) -> ModelPreference:
    """The user's, or everybody's; an empty one that is not kept yet where there is none."""
    return ModelPreference.objects.filter(owner=owner).first() or ModelPreference(owner=owner)


def prefer(
    owner: User | None, *, default_model: str | None = None, fallbacks: Iterable[str] | None = None
) -> ModelPreference:
    """Set the model of new conversations ("" for none), and those that step in, in their order.

    Raises Refusal(invalid) for a model that this user may not use.
    """
    fields: dict[str, Any] = {}
    if default_model is not None:
        fields["default_model"] = _usable(owner, default_model) if default_model else ""
    if fallbacks is not None:
        chosen = list(dict.fromkeys(one for one in fallbacks if one))
        if len(chosen) > MOST_FALLBACKS:
            raise Refusal(f"At most {MOST_FALLBACKS} models can step in.", "Choose fewer.")
        fields["fallbacks"] = [_usable(owner, one) for one in chosen]
    with transaction.atomic():
        made, _new = ModelPreference.objects.update_or_create(owner=owner, defaults=fields)
    return made


def rows_of(owner: User | None) -> QuerySet[LanguageModel]:
    return LanguageModel.objects.filter(provider__owner=owner).select_related("provider")


def _usable(owner: User | None, model_id: str) -> str:
    # 0 is nobody: everybody's models and those of the environment.
    if not catalogue.is_usable(owner or 0, model_id):
        raise Refusal(f"There is no model called {model_id[:100]!r}.", "Choose one of the list.")
    return model_id


def _check_room(provider: Provider) -> None:
    if provider.owner_id is not None:
        KEPT.check(provider.owner_id)
    elif LanguageModel.objects.filter(provider__owner=None).count() >= PLATFORM_MODELS:
        raise Refusal("There are too many models.", "Delete some first.", Code.LIMIT)


def _label(label: str) -> str:
    label = " ".join(storable(label).split())[:NAME_LENGTH]
    if not label:
        raise Refusal("The model needs a name to show.", "Type one.")
    return label


def _tokens(field: str, value: Any) -> int | None:
    if value in (None, ""):
        return None
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if isinstance(value, bool) or not 0 <= number <= MOST_TOKENS:
        words = field.replace("_", " ")
        raise Refusal(f"The {words} does not fit.", f"A whole number up to {MOST_TOKENS:,}.")
    return number or None


def _dollars(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        price = Decimal(str(value))
        fits = price.is_finite() and 0 <= price <= MOST_DOLLARS
    except InvalidOperation:
        fits = False
    if not fits:
        raise Refusal("The price does not fit.", "Dollars per million tokens, like 1.25.")
    return price.quantize(Decimal("0.000001"))


def _efforts(value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or any(one not in EFFORTS for one in value):
        raise Refusal("There is no such effort.", f"Efforts are {', '.join(EFFORTS)}.")
    return list(dict.fromkeys(value))
