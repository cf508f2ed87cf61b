"""Providers and models of everybody in the admin. Those of users are their own affair."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.models import LanguageModel, ModelPreference, Provider
from chat.providers import EFFORTS
from chat.services.offered_models import language_models, model_providers
from vibe.accounts.models import User
from vibe.refusal import Refusal


class ProviderForm(forms.ModelForm):
    """The key goes in and never comes out."""

    key = forms.CharField(
        required=False,
        max_length=model_providers.KEY_LENGTH,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        help_text="Kept encrypted. Empty keeps the one that is there.",
    )

    class Meta:
        model = Provider
        fields = ("name", "wire", "base_url", "enabled")

    def clean(self) -> dict[str, Any]:
        """Try the service's rules here, so that a refusal stands beside the form."""
        found = super().clean() or {}
        if self.errors:
            return found
        try:
            model_providers.check(self.instance, _changes(found))
        except Refusal as error:
            raise forms.ValidationError(f"{error.message} {error.hint}") from None
        return found


class ModelForm(forms.ModelForm):
    efforts = forms.MultipleChoiceField(
        choices=[(one, one) for one in EFFORTS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="That it takes; the first is the default.",
    )

    class Meta:
        model = LanguageModel
        fields = (
            "label", "enabled", "order", "sees_images", "uses_tools", "efforts", "context_size",
            "output_limit", "input_price", "output_price", "cached_input_price",
            "cache_write_price",
        )  # fmt: skip


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):
    form = ProviderForm
    list_display = ("name", "wire", "base_url", "key_shown", "enabled", "models_count")
    list_filter = ("enabled", "wire")
    readonly_fields = ("key_shown",)
    fields = ("name", "wire", "base_url", "key", "key_shown", "enabled")
    actions = ("test", "fetch")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        return model_providers.list_for(None)

    @admin.display(description="kept key")
    def key_shown(self, provider: Provider) -> str:
        if not provider.sealed_key:
            return "none"
        return f"…{provider.key_end}" if provider.key_end else "kept"

    @admin.display(description="models")
    def models_count(self, provider: Provider) -> int:
        return len(provider.models.all())

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        data = _changes(form.cleaned_data)
        if change:
            model_providers.change(model_providers.get_for(None, obj.pk), data)
        else:
            made = model_providers.create(None, **data)
            obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Provider) -> None:
        model_providers.delete(obj)

    @admin.action(description="Test selected providers", permissions=["change"])
    def test(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset[:5]:
            try:
                tested = model_providers.test(provider, cast(User, request.user))
            except Refusal as error:
                messages.error(request, f"{provider}: {error}")
                continue
            if tested.ok:
                messages.success(
                    request, f"{provider}: {tested.title}, after {tested.milliseconds} ms."
                )
            else:
                messages.error(request, f"{provider}: {tested.title}. It says: {tested.words}")

    @admin.action(description="Fetch the lists of models", permissions=["change"])
    def fetch(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset[:5]:
            try:
                new, of_all = language_models.fetch(provider, cast(User, request.user))
            except Refusal as error:
                messages.error(request, f"{provider}: {error}")
            else:
                messages.success(request, f"{provider}: {of_all} models, {new} of them new.")


@admin.register(LanguageModel)
class LanguageModelAdmin(admin.ModelAdmin):
    form = ModelForm
    list_display = ("label", "shown_id", "provider", "enabled", "order")
    list_filter = ("enabled", "provider")
    list_select_related = ("provider",)
    search_fields = ("label", "name", "shown_id")
    actions = ("enable", "disable")
    readonly_fields = ("shown_id",)
    fields = ("shown_id", *ModelForm.Meta.fields)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LanguageModel]:
        return language_models.rows_of(None)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewModelForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("provider", "name") if obj is None else self.fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            language_models.change(language_models.get_for(None, obj.pk), form.cleaned_data)
        else:
            obj.pk = form.made.pk

    @admin.action(description="Enable selected models", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[LanguageModel]) -> None:
        for model in queryset:
            language_models.change(model, {"enabled": True})

    @admin.action(description="Disable selected models", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[LanguageModel]) -> None:
        for model in queryset:
            language_models.change(model, {"enabled": False})


class NewModelForm(forms.ModelForm):
    provider = forms.ModelChoiceField(queryset=Provider.objects.none())

    class Meta:
        model = LanguageModel
        fields = ("provider", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(Any, self.fields["provider"]).queryset = model_providers.list_for(None)

    def clean(self) -> dict[str, Any]:
        """The service adds it here, where a refusal still finds its form."""
        found = super().clean() or {}
        if not self.errors:
            try:
                self.made = language_models.add(found["provider"], found["name"])
            except Refusal as error:
                raise forms.ValidationError(f"{error.message} {error.hint}") from None
        return found


@admin.register(ModelPreference)
class ModelPreferenceAdmin(admin.ModelAdmin):
    """One row: what holds for whoever has chosen nothing himself."""

    fields = ("default_model", "fallbacks")
    list_display = ("__str__", "default_model", "fallbacks")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelPreference]:
        return ModelPreference.objects.filter(owner=None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        allowed = super().has_add_permission(request)
        return allowed and not ModelPreference.objects.filter(owner=None).exists()

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, form=PreferenceForm, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = form.made.pk


class PreferenceForm(forms.ModelForm):
    class Meta:
        model = ModelPreference
        fields = ("default_model", "fallbacks")
        help_texts = {
            "default_model": "Id of the model of new conversations.",
            "fallbacks": 'Ids of the models that step in, in order: ["groq:llama-3.3-70b"].',
        }

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors:
            try:
                self.made = language_models.prefer(
                    None,
                    default_model=found["default_model"],
                    fallbacks=_texts(found["fallbacks"]),
                )
            except Refusal as error:
                raise forms.ValidationError(f"{error.message} {error.hint}") from None
        return found


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise forms.ValidationError("The fallbacks are a list of ids.")
    return value


def _changes(data: dict[str, Any]) -> dict[str, Any]:
    """An empty key keeps the one that is there."""
    return {name: value for name, value in data.items() if name != "key" or value}
