"""Providers of models that were entered on a page, their models, and what a user prefers of them.

Those of the environment are no rows; `chat.providers` knows both.
"""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.utils import timezone

from vibe.ids import new_id


class Provider(models.Model):
    """A server of models: of one user, or of everybody where it has no owner."""

    class Wire(models.TextChoices):
        OPENAI_CHAT = "openai-chat", "OpenAI, chat completions"
        OPENAI_RESPONSES = "openai-responses", "OpenAI, responses"
        ANTHROPIC = "anthropic", "Anthropic, messages"
        GOOGLE = "google", "Google, Gemini"
        MISTRAL = "mistral", "Mistral"
        GROQ = "groq", "Groq"
        OPENROUTER = "openrouter", "OpenRouter"
        BEDROCK = "bedrock", "Amazon Bedrock"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "prov_"), editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="model_providers",
    )
    name = models.CharField(max_length=60)
    # First half of the ids of its models; never changes, since conversations keep those ids.
    slug = models.CharField(max_length=40, unique=True, editable=False)
    wire = models.CharField("wire format", max_length=20, choices=Wire)
    base_url = models.CharField("address", max_length=500)
    # Sealed by chat.providers.sealing; never shown but for its last characters.
    sealed_key = models.TextField(blank=True, editable=False)
    key_end = models.CharField(max_length=4, blank=True, editable=False)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name


class LanguageModel(models.Model):
    """A model of a provider; `efforts` are the words that its thinking can be set to."""

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "model_"), editable=False
    )
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="models")
    name = models.CharField("name at the provider", max_length=150)
    # SLUG:NAME, which conversations, turns and the API call it by.
    shown_id = models.CharField("id", max_length=200, unique=True, editable=False)
    label = models.CharField(max_length=150)
    sees_images = models.BooleanField(default=False)
    uses_tools = models.BooleanField(default=True)
    efforts: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    # Tokens; empty where nobody has said.
    context_size = models.PositiveIntegerField(null=True, blank=True)
    output_limit = models.PositiveIntegerField(null=True, blank=True)
    # Dollars per million tokens; empty means the published price.
    input_price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    output_price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    cached_input_price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    cache_write_price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    enabled = models.BooleanField(default=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order", "label", "id"]

    def __str__(self) -> str:
        return self.label


class ModelPreference(models.Model):
    """Ids of models: of new conversations, and of those that step in; a user's, or everybody's."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="model_preference",
    )
    default_model = models.CharField(max_length=200, blank=True)
    fallbacks: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(owner__isnull=True),
                name="one_model_preference_of_all",
            )
        ]

    def __str__(self) -> str:
        return f"Models of {self.owner or 'everybody'}"
