"""What to tell a person of a fault whose kind says everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from pydantic_ai import exceptions as library

from chat.providers import ProviderError


def with_status(error: Any, sentence: str) -> str:
    """The sentence, and the HTTP status that the provider answered with if there is one."""
    status = getattr(error, "status_code", None)
    return f"{sentence} (It answered {status}.)" if status else sentence


@dataclass(frozen=True)
class Explanation:
    """Sentences for people; {model} and {steps} (the limit of a turn) are filled in."""

    title: str
    detail: str
    action: str = ""
    # Whether the HTTP status that the provider answered with is told too.
    tells_status: bool = False

    def of(self, error: BaseException, model: str) -> ProviderError:
        title, detail = (
            text.format(model=model, steps=settings.MAX_STEPS) for text in (self.title, self.detail)
        )
        if self.tells_status:
            detail = with_status(error, detail)
        return ProviderError(title, detail, self.action)


# The first that fits counts.
BY_KIND: tuple[tuple[tuple[type[BaseException], ...], Explanation], ...] = (
    (
        (library.UsageLimitExceeded,),
        Explanation(
            "The model took {steps} steps, which is the limit of a turn",
            "What it did so far is kept. Retry to let it go on, or tell it what to do next.",
            "retry",
        ),
    ),
    (
        (library.ModelAuthenticationError,),
        Explanation(
            "The provider did not accept the key",
            "Check the key in the settings, and that it may use {model}.",
            "settings",
            tells_status=True,
        ),
    ),
    (
        (library.ModelNotFoundError,),
        Explanation(
            "The provider does not know the model {model}",
            "Choose another one; if the address of the server was set by hand, check it too.",
            "choose_model",
            tells_status=True,
        ),
    ),
    (
        (library.ModelQuotaExceededError,),
        Explanation(
            "The provider's account has no credit left",
            "Top it up or choose a model of another provider, then retry.",
            "choose_model",
        ),
    ),
    (
        (library.ModelContextWindowExceededError,),
        Explanation(
            "The conversation has become too long for this model",
            "Begin a new conversation, or choose a model that takes more.",
            "choose_model",
        ),
    ),
    (
        (library.ModelTimeoutError, library.ModelRequestTimeout, TimeoutError),
        Explanation(
            "The model did not answer in time",
            "The server was silent for too long. Retry, or choose another model.",
            "retry",
        ),
    ),
    (
        (library.ModelUnavailableError, library.ModelServerError),
        Explanation(
            "The provider has a problem of its own",
            "Wait a little and retry, or choose another model.",
            "retry",
            tells_status=True,
        ),
    ),
    (
        (library.ContentFilterError,),
        Explanation(
            "The provider's content filter stopped the answer",
            "Say it in other words and send it again.",
        ),
    ),
)
