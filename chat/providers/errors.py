"""Why a model cannot be used."""

from __future__ import annotations


class ProviderError(Exception):
    """Why a model cannot be used, in words for people.

    title: what happened; detail: why and what to do; action: the button to offer, one of
    "retry", "continue", "settings", "models", "choose_model" or "".
    """

    def __init__(self, title: str, detail: str = "", action: str = "") -> None:
        super().__init__(f"{title}. {detail}".strip())
        self.title = title
        self.detail = detail
        self.action = action

    def as_dict(self) -> dict[str, str]:
        return {"title": self.title, "detail": self.detail, "action": self.action}
