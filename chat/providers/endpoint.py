"""Where a model is asked and with what: all that it takes to build it, key included."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings

from chat.models import Provider
from chat.providers import catalogue, environment, sealing
from chat.providers.choice import DEMO
from chat.providers.errors import ProviderError
from chat.providers.recordings import PREFIX, RECORDED, is_recorded
from chat.providers.wires import Wire, missing_package, preset_at
from vibe import redaction
from vibe.accounts.models import User


@dataclass(frozen=True)
class Endpoint:
    """`guarded`: a user wrote the address, so it must not lead into the operator's network. An
    empty `base_url` is the one of the format's maker."""

    wire: str
    name: str = ""
    base_url: str = ""
    key: str = field(default="", repr=False)
    provider: str = ""
    guarded: bool = False
    efforts: tuple[str, ...] = ()
    output_limit: int | None = None


def endpoint_of(model_id: str, user: User | int | None = None) -> Endpoint:
    """Of the model with this id, when this user may use it.

    Raises ProviderError when there is none such for him, or its provider cannot be used.
    """
    if model_id == DEMO:
        return Endpoint(DEMO)
    if is_recorded(model_id):
        return Endpoint(RECORDED, model_id.removeprefix(PREFIX))
    prefix, _, name = model_id.partition(":")
    if not name:
        raise _unknown(model_id)
    if user is not None and (row := catalogue.usable(user).filter(shown_id=model_id).first()):
        made = of_provider(row.provider)
        return Endpoint(
            made.wire,
            row.name,
            made.base_url,
            made.key,
            made.provider,
            made.guarded,
            tuple(row.efforts),
            row.output_limit,
        )
    try:
        wire, base_url, key = environment.wire_of(prefix)
    except KeyError:
        raise _unknown(model_id) from None
    redaction.keep_out(key)
    choice = environment.choice_named(model_id)
    assert choice is not None
    return Endpoint(wire, name, base_url, key, choice.provider, efforts=choice.efforts)


def of_provider(provider: Provider) -> Endpoint:
    """Of a provider's row, without a model. Raises ProviderError."""
    if missing := missing_package(provider.wire):
        raise ProviderError(f"{provider.name} cannot be used yet", missing, "settings")
    key = sealing.opened(provider.sealed_key)
    if not key and provider.wire not in (Wire.OPENAI_CHAT, Wire.OPENAI_RESPONSES, Wire.ANTHROPIC):
        raise ProviderError(
            f"No key for {provider.name}", "Enter it under Settings, Models.", "settings"
        )
    return Endpoint(
        provider.wire,
        base_url=provider.base_url,
        key=key,
        provider=provider.name,
        guarded=is_guarded(provider.owner, provider.base_url),
    )


def is_guarded(owner: User | None, base_url: str) -> bool:
    """Whether requests to this address are held to public ones. Those of the operator, of his
    administrators and of known providers are not."""
    if owner is None or settings.MODELS_PRIVATE or owner.is_superuser:
        return False
    return preset_at(base_url) is None


def _unknown(model_id: str) -> ProviderError:
    return ProviderError(
        f"There is no model called {model_id[:100]!r}",
        "Choose one from the list next to the message box.",
        "choose_model",
    )
