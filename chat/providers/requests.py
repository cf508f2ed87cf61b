"""The two small requests of the settings page, in each wire format: a word of a model, and the
list of models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from chat.providers.endpoint import Endpoint
from chat.providers.wires import LIKE_OPENAI, Wire

ANTHROPIC_URL = "https://api.anthropic.com"
OPENAI_URL = "https://api.openai.com/v1"
WORDS = "Answer with one word: ready."
# Thinking counts as output, and some servers want a minimum of 16.
OUTPUT_TOKENS = 32


@dataclass(frozen=True)
class Asked:
    """`body` None is a GET."""

    url: str
    headers: dict[str, str]
    body: dict[str, Any] | None = None


def a_word(endpoint: Endpoint) -> Asked:
    """One tiny request to the endpoint's model."""
    base, model = _base(endpoint), endpoint.name
    said = [{"role": "user", "content": WORDS}]
    match endpoint.wire:
        case Wire.OPENAI_RESPONSES:
            body: dict[str, Any] = {
                "model": model,
                "input": WORDS,
                "max_output_tokens": OUTPUT_TOKENS,
                "store": False,
            }
            return Asked(f"{base}/responses", _bearer(endpoint), body)
        case Wire.ANTHROPIC:
            body = {"model": model, "max_tokens": OUTPUT_TOKENS, "messages": said}
            return Asked(f"{base}/v1/messages", _anthropic(endpoint), body)
        case Wire.GOOGLE:
            path = f"v1beta/models/{quote(model, safe='')}:generateContent"
            body = {
                "contents": [{"role": "user", "parts": [{"text": WORDS}]}],
                "generationConfig": {"maxOutputTokens": OUTPUT_TOKENS},
            }
            return Asked(f"{base}/{path}", {"x-goog-api-key": endpoint.key}, body)
        case Wire.BEDROCK:
            body = {
                "messages": [{"role": "user", "content": [{"text": WORDS}]}],
                "inferenceConfig": {"maxTokens": OUTPUT_TOKENS},
            }
            return Asked(f"{base}/model/{quote(model, safe='')}/converse", _bearer(endpoint), body)
    body = {"model": model, "messages": said, "max_tokens": OUTPUT_TOKENS}
    return Asked(f"{base}/chat/completions", _bearer(endpoint), body)


def the_list(endpoint: Endpoint) -> Asked | None:
    """The question which models there are; None where the provider has no such list."""
    base = _base(endpoint)
    match endpoint.wire:
        case Wire.ANTHROPIC:
            return Asked(f"{base}/v1/models?limit=1000", _anthropic(endpoint))
        case Wire.GOOGLE:
            headers = {"x-goog-api-key": endpoint.key}
            return Asked(f"{base}/v1beta/models?pageSize=1000", headers)
        case Wire.BEDROCK:
            return None
    return Asked(f"{base}/models", _bearer(endpoint))


def listed(body: Any) -> Iterator[dict[str, Any]]:
    """{"name", "label", "context"} of each model in the answer."""
    entries = body.get("data", body.get("models")) if isinstance(body, dict) else body
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        name = entry.get("id") or entry.get("name")
        if not isinstance(name, str):
            continue
        name = name.removeprefix("models/")
        label = entry.get("display_name") or entry.get("displayName") or entry.get("name") or name
        yield {
            "name": name,
            "label": label if isinstance(label, str) else name,
            "context": _number(
                entry, "context_length", "context_window", "max_context_length", "inputTokenLimit"
            ),
        }


def _number(entry: dict[str, Any], *names: str) -> int | None:
    for name in names:
        found = entry.get(name)
        if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 2**31:
            return found
    return None


def _base(endpoint: Endpoint) -> str:
    base = endpoint.base_url.rstrip("/")
    if base:
        # People write the address of this format with and without its version.
        return base.removesuffix("/v1") if endpoint.wire == Wire.ANTHROPIC else base
    return OPENAI_URL if endpoint.wire in (*LIKE_OPENAI, Wire.OPENAI_RESPONSES) else ANTHROPIC_URL


def _bearer(endpoint: Endpoint) -> dict[str, str]:
    return {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}


def _anthropic(endpoint: Endpoint) -> dict[str, str]:
    return {"x-api-key": endpoint.key, "anthropic-version": "2023-06-01"}
