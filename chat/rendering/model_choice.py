"""The choices beside the composer: model, effort, whether errors are fixed; and what of them the
page's address says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from chat import providers
from chat.models import Conversation, Turn
from chat.providers import DEMO, ModelChoice
from chat.providers.catalogue import any_configured
from chat.providers.errors import blames_provider
from chat.providers.recordings import is_recorded
from vibe.accounts.models import User

EFFORT_WORDS = {
    "auto": "As the model likes",
    "off": "None",
    "minimal": "Minimal",
    "low": "Low",
    "medium": "Medium",
    "high": "High",
    "xhigh": "Very high",
}
# Names of panels in an address: ours, and those of the page that this one follows.
PANELS = {
    "chat": "chat",
    "preview": "preview",
    "code": "code",
    "file-explorer": "code",
    "changes": "changes",
    "logs": "logs",
}
STAGE_TABS = ("preview", "code", "changes")
YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")
ONLY_DEMO = (
    "Only the built-in demo model answers. Add a provider under Settings, Models, or set "
    "ANTHROPIC_API_KEY, OPENAI_API_KEY or OPENAI_BASE_URL."
)


@dataclass(frozen=True)
class ProviderState:
    """The pill in the header; `href` leads to where it can be mended."""

    tone: str
    words: str
    detail: str
    href: str


def model_choice(
    user: User, conversation: Conversation | None, asked: Mapping[str, str]
) -> dict[str, Any]:
    """What `chat/_model_choice.html` and `chat/_provider_status.html` read."""
    choices = providers.models(user)
    kept = conversation.model if conversation else ""
    wanted = asked.get("modelId", "")
    if wanted and providers.find(user, wanted):
        kept = wanted
    model = kept or providers.default_model_id(user, choices)
    chosen = next((one for one in choices if one.id == model), None)
    if chosen is None:
        chosen = providers.find(user, model) or _gone(model)
        choices = [*choices, chosen]
    effort = asked.get("effort", "")
    if effort not in chosen.efforts:
        effort = conversation.effort if conversation else ""
    fix = asked.get("fix-errors", "").lower()
    fix_errors = conversation.fix_errors if conversation else True
    return {
        "models": sorted(choices, key=_place),
        "model_id": model,
        "effort": chosen.effort(effort),
        "efforts": EFFORT_WORDS,
        "fix_errors": fix in YES if fix in (*YES, *NO) else fix_errors,
        "provider_state": provider_state(
            user, chosen, others=any(one.available and not _is_built_in(one) for one in choices)
        ),
    }


def _is_built_in(choice: ModelChoice) -> bool:
    return choice.id == DEMO or is_recorded(choice.id)


def _place(choice: ModelChoice) -> tuple[bool, bool, str]:
    return is_recorded(choice.id), choice.id == DEMO, choice.label.lower()


def shown_panel(asked: Mapping[str, str]) -> dict[str, str]:
    """Which panel the address asks for: on a phone the one that shows, else the tab."""
    panel = PANELS.get(asked.get("tab", ""), "")
    if not panel:
        return {"shown": "chat"}
    return {"shown": panel, **({"tab": panel} if panel in STAGE_TABS else {})}


def state_of(conversation: Conversation) -> ProviderState | None:
    """What is wrong with the conversation's model; asks no server."""
    model = conversation.model or DEMO
    user = conversation.owner
    others = model != DEMO or any_configured(user)
    return provider_state(user, providers.find(user, model) or _gone(model), others=others)


def provider_state(user: User, chosen: ModelChoice, *, others: bool) -> ProviderState | None:
    """What is wrong with the chosen model; None when nothing is known to be. `others`: whether
    there is any but the demo model."""
    page = reverse("chat:models")
    if not chosen.available:
        return ProviderState("danger", "Model unavailable", chosen.reason, page)
    if chosen.id == DEMO:
        return None if others else ProviderState("warning", "No provider", ONLY_DEMO, page)
    error = _latest_failure(user, chosen.id)
    if error is None:
        return None
    title = str(error.get("title") or "The last request failed")
    detail = f"{title}. {error.get('detail') or ''}".strip()
    return ProviderState("danger", "Provider failed", detail, page)


def _latest_failure(user: User, model: str) -> dict[str, str] | None:
    """Why the user's latest turn with this model failed, when the provider was to blame."""
    latest = (
        Turn.objects.filter(conversation__owner=user, model=model)
        .exclude(status__in=[*Turn.ACTIVE, Turn.Status.STOPPED])
        .order_by("-created_at", "-id")
        .first()
    )
    if latest is None or latest.status != Turn.Status.FAILED or not latest.error:
        return None
    return latest.error if blames_provider(latest.error) else None


def _gone(model: str) -> ModelChoice:
    reason = "It is not among your models any more. Choose another one, or enter it again."
    return ModelChoice(model, model, "", available=False, reason=reason)
