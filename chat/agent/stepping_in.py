"""Which model goes on where one cannot be asked, and what the thread says of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic_ai import exceptions as library

from chat import providers
from chat.agent import faults
from chat.agent.wire.no_answers import AnswerCutOff
from chat.models import Turn

# Faults of a provider that another one does not have. What is wrong with the request or with a
# key is told to the person instead.
RETRYABLE = (
    library.ModelRateLimitError,
    library.ModelQuotaExceededError,
    library.ModelUnavailableError,
    library.ModelServerError,
    library.ModelConnectionError,
    library.ModelRequestTimeout,
    AnswerCutOff,
    TimeoutError,
)


@dataclass
class Line:
    """The models that may step in, in order; each is tried once."""

    waiting: list[str] = field(default_factory=list)

    def after(self, failed: str) -> str:
        """The next one; "" when there is none left."""
        while self.waiting:
            following = self.waiting.pop(0)
            if following != failed:
                return following
        return ""


def line_of(turn: Turn) -> Line:
    """As the turn's owner has set it."""
    return Line(providers.fallbacks(turn.conversation.owner_id))


def can_another_try(fault: BaseException, model: str) -> bool:
    """Whether it is the provider's own trouble, which may pass and which another may not have."""
    if isinstance(fault, RETRYABLE):
        return True
    # Errors of the HTTP libraries that an SDK let through.
    return faults.describe(fault, model)["title"] in faults.OF_CONNECTIONS


def note(turn: Turn, failed: str, following: str, fault: BaseException) -> str:
    """A sentence for the thread: who failed, why, who goes on."""
    owner = turn.conversation.owner_id
    told = faults.describe(fault, failed)
    why = " ".join(filter(None, (f"{told['title']}.", _last_words(told["detail"]))))
    return f"{_label(owner, failed)} could not answer: {why} {_label(owner, following)} goes on."


def _last_words(detail: str) -> str:
    """What the provider itself said; our advice to retry does not fit here."""
    _, mark, words = detail.partition("The provider says: ")
    return f"It said: {words}" if mark else ""


def _label(owner: int, model: str) -> str:
    found = providers.find(owner, model)
    return found.label if found else model
