"""Which models a user may use: the one home of that answer, for pages, APIs, turns, the admin."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q, QuerySet

from chat.models import LanguageModel, ModelPreference
from chat.providers import environment
from chat.providers.choice import DEMO, ModelChoice
from chat.providers.wires import missing_package
from vibe.accounts.models import User


def models(user: User | int | None = None) -> list[ModelChoice]:
    """Every model that this user may choose: his own, everybody's, those of the environment, the
    demo model last. Without a user those of the environment. May ask a local server.

    Rows are read at each call, so a change holds from the next one on, in every process.
    """
    return [*_rows(user), *environment.models()]


def find(user: User | int | None, model_id: str) -> ModelChoice | None:
    """The model of this id, when this user may use it, available or not; also one that the
    environment's provider has and does not list."""
    row = usable(user).filter(shown_id=model_id).first() if user is not None else None
    return choice_of(row, user) if row else environment.choice_named(model_id)


def is_usable(user: User | int | None, model_id: str) -> bool:
    """Whether this user may use the model, and its provider can be."""
    found = find(user, model_id)
    return found is not None and found.available


def is_own(user: User | int, model_id: str) -> bool:
    """Whether the model is of a provider that this user has entered for himself."""
    owner_id = user.pk if isinstance(user, User) else user
    return LanguageModel.objects.filter(shown_id=model_id, provider__owner_id=owner_id).exists()


def any_configured(user: User | int) -> bool:
    """Whether this user has a model besides the demo model; asks nobody."""
    return bool(environment.providers()) or usable(user).exists()


def usable(user: User | int | None) -> QuerySet[LanguageModel]:
    """Rows of models that this user may use: enabled, his own before everybody's."""
    owner_id = user.pk if isinstance(user, User) else user
    return (
        LanguageModel.objects.filter(enabled=True, provider__enabled=True)
        .filter(Q(provider__owner=None) | Q(provider__owner_id=owner_id))
        .select_related("provider__owner")
        .order_by("provider__owner_id", "provider__created_at", "order", "label", "id")
    )


def default_model_id(
    user: User | int | None = None, choices: list[ModelChoice] | None = None
) -> str:
    """The user's own choice, that for everybody, VIBE_DEFAULT_MODEL; else the first model that
    can be used, else the demo model. What is not there any more is passed over.

    `choices`: what `models` gave, to spare asking again.
    """
    for kept in _preferences(user):
        if kept.default_model and is_usable(user, kept.default_model):
            return kept.default_model
    if settings.DEFAULT_MODEL:
        return str(settings.DEFAULT_MODEL)
    choices = models(user) if choices is None else choices
    return next((choice.id for choice in choices if choice.available), DEMO)


def fallbacks(user: User | int | None) -> list[str]:
    """Ids of the models that step in for one that fails, in order: the user's, else everybody's."""
    for kept in _preferences(user):
        if kept.fallbacks:
            return [one for one in kept.fallbacks if is_usable(user, one)]
    return []


def configured() -> list[tuple[str, str]]:
    """(name, detail) of each provider of the environment, without any key; asks nobody."""
    found = [(one.name, one.detail) for one in environment.providers()]
    return [*found, ("Demo model", "built in: scripted, needs no account")]


def choice_of(row: LanguageModel, user: User | int | None) -> ModelChoice:
    """The row as one chooses it."""
    owner_id = user.pk if isinstance(user, User) else user
    missing = missing_package(row.provider.wire)
    return ModelChoice(
        row.shown_id,
        row.label,
        row.provider.name,
        available=not missing,
        reason=missing,
        efforts=tuple(row.efforts),
        sees_images=row.sees_images,
        uses_tools=row.uses_tools,
        own=row.provider.owner_id is not None and row.provider.owner_id == owner_id,
    )


def _rows(user: User | int | None) -> list[ModelChoice]:
    if user is None:
        return []
    found = [choice_of(row, user) for row in usable(user)]
    return sorted(found, key=lambda choice: not choice.own)


def _preferences(user: User | int | None) -> list[ModelPreference]:
    """The user's own, then everybody's."""
    if user is None:
        return []
    owner_id = user.pk if isinstance(user, User) else user
    found = ModelPreference.objects.filter(Q(owner_id=owner_id) | Q(owner=None))
    return sorted(found, key=lambda kept: kept.owner_id is None)
