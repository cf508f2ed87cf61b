"""Why a model cannot be used."""

from __future__ import annotations


class ProviderError(Exception):
    """Why a model cannot be used, in words for people.

    title: what happened; detail: why and what to do; action: the button to offer, one of
    "retry", "continue", "settings", "choose_model" or "".
    """

    def __init__(self, title: str, detail: str = "", action: str = "") -> None:
        super().__init__(f"{title}. {detail}".strip())
        self.title = title
        self.detail = detail
        self.action = action

    def as_dict(self) -> dict[str, str]:
        return {"title": self.title, "detail": self.detail, "action": self.action}


# How sentences begin that blame a provider, and not the request or the platform.
_BLAMES = ("The provider", "The model's server", "The model did not answer")


def blames_provider(error: dict[str, str]) -> bool:
    """Whether the error of a turn is one that its provider would have again."""
    action = error.get("action")
    return action == "settings" or bool(action and error.get("title", "").startswith(_BLAMES))
