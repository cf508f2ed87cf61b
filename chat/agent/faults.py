"""What went wrong between us and a model's provider, in plain sentences without secrets."""

from __future__ import annotations

import traceback

from pydantic_ai import exceptions as library

from chat.agent.explanations import BY_KIND, with_status
from chat.agent.wire.failures import UNREADABLE
from chat.agent.wire.no_answers import AnswerCutOff, EmptyAnswer, OutputLimitReached
from chat.providers import ProviderError
from chat.providers.guarded import AddressRefused
from chat.providers.words import said_by
from chat.services.storable import storable

# The agent library and what it speaks to providers with.
LIBRARIES = {"pydantic_ai", "openai", "anthropic", "httpx", "httpx2", "httpcore", "httpcore2"}
UNREACHABLE = "The model's server cannot be reached"
CUT_OFF = "The answer was cut off"
NO_TIME = "The model did not answer in time"
OF_CONNECTIONS = {UNREACHABLE, CUT_OFF, NO_TIME}

# What the turn says of an answer that the output limit cut; the page offers to go on.
OUTPUT_LIMIT = {
    "title": "The answer reached the model's output limit",
    "detail": "What it said so far is kept. Continue to let it go on from there.",
    "action": "continue",
}


def describe(error: BaseException, model_id: str) -> dict[str, str]:
    """{"title", "detail", "action"} for the person whose turn failed with `error`."""
    told = _explained(error, model_id.partition(":")[2] or model_id).as_dict()
    if isinstance(error, library.ModelAPIError) and (words := _said(error)):
        told["detail"] = f"{told['detail']} The provider says: “{words}”".strip()
    return told


def _explained(error: BaseException, model: str) -> ProviderError:
    for kinds, explanation in BY_KIND:
        if isinstance(error, kinds):
            return explanation.of(error, model)
    return _by_content(error)


def _by_content(error: BaseException) -> ProviderError:
    """Faults that differ by what the error holds."""
    match error:
        case ProviderError():
            return error
        case AnswerCutOff():
            return _cut_off()
        case (
            OutputLimitReached() | library.OutputTokenLimitExceeded() | library.IncompleteToolCall()
        ):
            return ProviderError(**OUTPUT_LIMIT)
        case EmptyAnswer():
            return _empty(error)
        case library.ModelRateLimitError():
            return ProviderError(
                "The provider is asked too often at the moment", _when_again(error), "retry"
            )
        case library.ModelConnectionError():
            return _connection(error)
        case library.ModelRequestRejectedError():
            return ProviderError(
                "The provider refused the request",
                with_status(error, "Choose another model, or begin anew."),
                "choose_model",
            )
        case library.ModelAPIError() if "finish_reason" in error.message:
            return _cut_off()
        case library.UnexpectedModelBehavior() if "retries" in error.message:
            return ProviderError(
                "The model kept calling a tool in a wrong way",
                "Retry, or choose a model that is better with tools.",
                "retry",
            )
        case library.ModelAPIError() if _said(error) and error.provider_error_type != UNREADABLE:
            return ProviderError(
                "The provider reported an error",
                with_status(error, "Retry, or choose another model."),
                "retry",
            )
        case library.AgentRunError() | ValueError():
            return _nonsense()
        case _:
            return _foreign(error)


def _nonsense() -> ProviderError:
    return ProviderError(
        "The provider sent something that makes no sense",
        "Its answer could not be read. Retry; if it comes again, check the server's address or "
        "choose another model.",
        "retry",
    )


def _foreign(error: BaseException) -> ProviderError:
    """Errors of the HTTP libraries, which some SDKs let through, and our own mistakes."""
    if type(error).__module__.partition(".")[0] in LIBRARIES:
        if "Timeout" in type(error).__name__:
            return _explained(TimeoutError(), "")
        return _connection(error)
    if _raised_in(error) in LIBRARIES:
        # A TypeError or the like, of code that took an answer apart.
        return _nonsense()
    return ProviderError(
        "Something in the platform failed",
        "The platform's log tells more. Retry; files and commands are as they were.",
        "retry",
    )


def _raised_in(error: BaseException) -> str:
    """Top package of the code that raised it."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    name = frames[-1].f_globals.get("__name__", "") if frames else ""
    return str(name).partition(".")[0]


def _connection(error: BaseException) -> ProviderError:
    if getattr(error, "phase", None) == "read":
        return _cut_off()
    causes = _chain(error)
    if refused := next((str(cause) for cause in causes if isinstance(cause, AddressRefused)), ""):
        return ProviderError("The model's server may not be reached", refused, "settings")
    text = " ".join(str(cause) for cause in causes).lower()
    if "name or service" in text or "name resolution" in text or "getaddrinfo" in text:
        why = "Its name cannot be resolved. Check the address and the network connection."
    elif "refused" in text or "all connection attempts failed" in text:
        why = "Nothing answers at its address. Is the server running?"
    elif any(mark in text for mark in ("peer closed", "incomplete", "disconnected", "reset")):
        return _cut_off()
    else:
        why = "Check the address and the network connection."
    return ProviderError(UNREACHABLE, why, "retry")


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _cut_off() -> ProviderError:
    return ProviderError(
        CUT_OFF,
        "The connection to the model ended in the middle. What arrived is kept; retry to go on.",
        "retry",
    )


def _when_again(error: library.ModelRateLimitError) -> str:
    if error.retry_after:
        seconds = max(1, round(error.retry_after))
        return f"It wants to be left alone for {seconds} s. Retry after that."
    return "Wait a minute and retry, or choose another model."


def _empty(error: EmptyAnswer) -> ProviderError:
    if error.thoughts:
        return ProviderError(
            "The model only thought and gave no answer",
            "It ended without a word and without calling a tool, twice. Retry, say it in other "
            "words, or choose another model.",
            "retry",
        )
    return ProviderError(
        "The model gave an empty answer",
        "It ended without a word and without calling a tool, twice. Retry, say it in other words, "
        "or choose another model.",
        "retry",
    )


def _said(error: library.ModelAPIError) -> str:
    """The provider's own sentence, cut and without anything that looks like a key."""
    return storable(said_by(getattr(error, "body", None)))
