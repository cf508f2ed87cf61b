"""Providers of models of one's own, and their models."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from chat.models import Provider
from chat.providers import EFFORTS
from chat.services.offered_models import language_models, model_providers
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("admin"))
WireName = Literal[*Provider.Wire.values]  # type: ignore[valid-type]  # the one list of them
Effort = Literal[*EFFORTS]  # type: ignore[valid-type]  # the one list of them
Price = Decimal | None
DOLLARS = "Dollars per million tokens; null: the published price."


class LanguageModelOut(Schema):
    id: str = Field(examples=["model_9z5b3n6k2v8q5a1c7m4x"])
    model_id: str = Field(alias="shown_id", description="What turns and conversations call it by.")
    name: str = Field(description="At the provider.")
    label: str
    enabled: bool
    sees_images: bool
    uses_tools: bool
    efforts: list[str]
    context_size: int | None
    output_limit: int | None
    input_price: Price
    output_price: Price
    cached_input_price: Price
    cache_write_price: Price
    order: int


class ProviderOut(Schema):
    """The key is never told, but for its end."""

    id: str = Field(examples=["prov_9z5b3n6k2v8q5a1c7m4x"])
    name: str
    wire: WireName
    base_url: str
    has_key: bool
    key_end: str = Field(description="Last four characters of the key.")
    enabled: bool
    models: list[LanguageModelOut]

    @staticmethod
    def resolve_has_key(provider: Provider) -> bool:
        return bool(provider.sealed_key)

    @staticmethod
    def resolve_models(provider: Provider) -> list[Any]:
        return list(provider.models.all())


class ProvidersOut(Schema):
    items: list[ProviderOut]


class ProviderIn(JsonObject):
    name: Text = Field(max_length=60, examples=["Groq"])
    wire: WireName
    base_url: Text = Field(max_length=500, examples=["https://api.groq.com/openai/v1"])
    key: Text = Field("", max_length=1000)


class ProviderPatch(JsonObject):
    name: Text | None = Field(None, max_length=60)
    wire: WireName | None = None
    base_url: Text | None = Field(None, max_length=500)
    key: Text | None = Field(None, max_length=1000, description='"" takes it away.')
    enabled: bool | None = None


class ModelIn(JsonObject):
    name: Text = Field(max_length=150, examples=["llama-3.3-70b-versatile"])


class ModelPatch(JsonObject):
    label: Text | None = Field(None, max_length=150)
    enabled: bool | None = None
    sees_images: bool | None = None
    uses_tools: bool | None = None
    efforts: list[Effort] | None = Field(None, max_length=len(EFFORTS))
    context_size: int | None = Field(None, ge=1, le=language_models.MOST_TOKENS)
    output_limit: int | None = Field(None, ge=1, le=language_models.MOST_TOKENS)
    input_price: Price = Field(None, ge=0, le=language_models.MOST_DOLLARS, description=DOLLARS)
    output_price: Price = Field(None, ge=0, le=language_models.MOST_DOLLARS, description=DOLLARS)
    cached_input_price: Price = Field(None, ge=0, le=language_models.MOST_DOLLARS)
    cache_write_price: Price = Field(None, ge=0, le=language_models.MOST_DOLLARS)
    order: int | None = Field(None, ge=0, le=100_000)


class PreferenceIn(JsonObject):
    default: Text | None = Field(None, max_length=200, description='"": the first that is there.')
    fallbacks: list[Text] | None = Field(None, max_length=language_models.MOST_FALLBACKS)


class PreferenceOut(Schema):
    default: str = Field(alias="default_model")
    fallbacks: list[str]


class TestedOut(Schema):
    ok: bool
    milliseconds: int
    title: str
    words: str = Field(description="The provider's own, when it failed.")


class FetchedOut(Schema):
    new: int
    all: int


@router.get("/providers", response=ProvidersOut, summary="List your model providers")
def list_providers(request: HttpRequest) -> Any:
    """Of your own, with all their models. Those that you may choose are in GET /api/v1/models."""
    return {"items": model_providers.list_for(caller(request))}


@router.post("/providers", response={201: ProviderOut}, summary="Add a model provider")
def create_provider(request: HttpRequest, data: ProviderIn) -> Any:
    """Its address must be public, unless whoever runs the platform allows others."""
    return Status(201, model_providers.create(caller(request), **data.dict()))


@router.patch(
    "/providers/{slug:provider_id}", response=ProviderOut, summary="Change a model provider"
)
def change_provider(request: HttpRequest, provider_id: str, data: ProviderPatch) -> Any:
    """An address of another server needs the key anew."""
    provider = model_providers.get_for(caller(request), provider_id)
    given = {name: value for name, value in data.dict().items() if value is not None}
    return model_providers.change(provider, given)


@router.delete(
    "/providers/{slug:provider_id}", response={204: None}, summary="Delete a model provider"
)
def delete_provider(request: HttpRequest, provider_id: str) -> Any:
    """With its key and its models."""
    model_providers.delete(model_providers.get_for(caller(request), provider_id))
    return Status(204, None)


@router.post(
    "/providers/{slug:provider_id}/test", response=TestedOut, summary="Test a model provider"
)
def test_provider(request: HttpRequest, provider_id: str) -> Any:
    """One tiny request to its first model, which the provider charges for."""
    user = caller(request)
    return model_providers.test(model_providers.get_for(user, provider_id), user)


@router.post(
    "/providers/{slug:provider_id}/fetch", response=FetchedOut, summary="Fetch its list of models"
)
def fetch_models(request: HttpRequest, provider_id: str) -> Any:
    """New ones are entered; of a list of more than 12 they wait to be enabled."""
    user = caller(request)
    new, of_all = language_models.fetch(model_providers.get_for(user, provider_id), user)
    return {"new": new, "all": of_all}


@router.post(
    "/providers/{slug:provider_id}/models", response={201: LanguageModelOut}, summary="Add a model"
)
def add_model(request: HttpRequest, provider_id: str, data: ModelIn) -> Any:
    provider = model_providers.get_for(caller(request), provider_id)
    return Status(201, language_models.add(provider, data.name))


@router.patch("/models/{slug:model_id}", response=LanguageModelOut, summary="Change a model")
def change_model(request: HttpRequest, model_id: str, data: ModelPatch) -> Any:
    """By the id of its row (model_…). What is left out stays; null is nobody's word."""
    model = language_models.get_for(caller(request), model_id)
    given = data.dict(exclude_unset=True)
    kept = {
        name: value
        for name, value in given.items()
        if value is not None or name in (*language_models.SIZES, *language_models.PRICES)
    }
    return language_models.change(model, kept)


@router.delete("/models/{slug:model_id}", response={204: None}, summary="Delete a model")
def delete_model(request: HttpRequest, model_id: str) -> Any:
    language_models.delete(language_models.get_for(caller(request), model_id))
    return Status(204, None)


@router.post("/models/{slug:model_id}/test", response=TestedOut, summary="Test a model")
def test_model(request: HttpRequest, model_id: str) -> Any:
    """One tiny request to it, which the provider charges for."""
    user = caller(request)
    model = language_models.get_for(user, model_id)
    return model_providers.test(model.provider, user, model)


@router.put("/model-preference", response=PreferenceOut, summary="Choose default and fallbacks")
def prefer_models(request: HttpRequest, data: PreferenceIn) -> Any:
    """The model of new conversations, and those that step in for one that fails, in order."""
    return language_models.prefer(
        caller(request), default_model=data.default, fallbacks=data.fallbacks
    )
