"""What no shared page shows: taken out of every text before it becomes a page.

Three nets, one behind the other: what is known to be secret, by its value; what is a secret by its
form; rows' ids, addresses of people and paths of this machine.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from django.conf import settings

from chat.models import Conversation, Provider, ToolServer, UserInstructions
from chat.providers import sealing
from chat.providers.errors import ProviderError
from chat.services.portability.exporting import IDS
from chat.services.sharing import forms
from chat.tool_servers import headers as sent_headers
from chat.tool_servers.failure import ServerFailed
from sandboxes.models import Command, PortAccess, Sandbox
from sandboxes.services import preview_rules
from vibe.redaction import GONE
from vibe.refusal import Refusal

SHORTEST = 6
# Of instructions and memory: a line that says less than this is anybody's.
SHORTEST_LINE = 16
MOST_COMMANDS, MOST_WORDS = 5_000, 5_000
# For all texts of a page, whatever somebody has written to make that slow.
SECONDS = 4.0
Clean = Callable[[Any], Any]

# Long, in one word, of letters and digits.
_LOOKS = re.compile(r"(?=\S*[0-9])(?=\S*[A-Za-z])(?!https?://localhost)\S{16,4096}")


def cleaner(conversation: Conversation, more: Iterable[str] = ()) -> Clean:
    """Takes out of a text, or of all texts of a value, what others must not read of this
    conversation; made for one page. `more`: words and lines that are secret besides. Raises
    Refusal."""
    sandboxes = _sandboxes(conversation)
    ids = sorted((sandbox.pk for sandbox in sandboxes), key=len, reverse=True)
    words = {*more, *_keys_of(conversation.owner_id), *_told_by(conversation.owner_id)}
    for sandbox in sandboxes:
        words |= {*_texts(sandbox.env), *_sent(sandbox.network_policy), *_doors_of(sandbox)}
    for env in _environments(conversation):
        words |= set(_texts(env))
    words |= {conversation.owner.email, str(settings.DATA_DIR), str(settings.BASE_DIR)}
    if len(words) > MOST_WORDS:
        raise Refusal(
            "There is too much in this conversation that would have to be hidden.",
            "Ask its owner for the files in another way.",
            "unavailable",
        )
    hidden = sorted(_variants(words), key=len, reverse=True)
    deadline = time.monotonic() + SECONDS

    def text(value: str) -> str:
        for word in hidden:
            if word in value:
                value = value.replace(word, GONE)
        value = forms.without_secrets(value, deadline)
        for one in ids:
            value = value.replace(one, "sandbox")
        return IDS.sub("id", value)

    def clean(value: Any) -> Any:
        match value:
            case str():
                return text(value)
            case dict():
                return {text(str(key)): clean(each) for key, each in value.items()}
            case list() | tuple():
                return [clean(each) for each in value]
            case _:
                return value

    return clean


def secrets_of(conversation: Conversation) -> set[str]:
    """What is known to be secret and may stand in a file: keys, headers, values of environments.
    A word that any program may hold is none."""
    found = set(_keys_of(conversation.owner_id))
    for sandbox in _sandboxes(conversation):
        found |= {*_sent(sandbox.network_policy), *_likely(sandbox.env.items())}
    for env in _environments(conversation):
        found |= set(_likely(env.items()))
    return {word for word in found if len(word) >= SHORTEST}


def words_of_settings(content: str) -> Iterator[str]:
    """The values of a file such as .env, but for words that any text may hold; and of others, such
    as a key, the lines."""
    yield from lines_of(content)
    for name, value in _settings(content):
        if forms.SECRET_NAME.search(name) or (len(value) >= 8 and not value.isalpha()):
            yield value


def secrets_of_settings(content: str) -> Iterator[str]:
    """What of that is secret by its name or its looks."""
    yield from _likely(("", line.strip()) for line in content.splitlines())
    yield from _likely(_settings(content))


def lines_of(content: str) -> Iterator[str]:
    """The lines of instructions or memory that say something."""
    for line in content.splitlines():
        line = line.strip().lstrip("#-*> ").strip()
        if len(line) >= SHORTEST_LINE:
            yield line


def _sandboxes(conversation: Conversation) -> list[Sandbox]:
    """All that it ever was about."""
    ids = {
        conversation.sandbox_id,
        *conversation.sandboxes.values_list("pk", flat=True),
        *conversation.versions.values_list("checkpoint__sandbox", flat=True),
        *Command.objects.filter(parts__message__conversation=conversation).values_list(
            "sandbox", flat=True
        ),
    }
    return list(Sandbox.objects.filter(pk__in=ids - {None}))


def _keys_of(owner: int) -> Iterator[str]:
    """Keys and headers that he has entered. What was sealed by a key that is gone nobody has."""
    for stored in Provider.objects.filter(owner=owner).values_list("sealed_key", flat=True):
        with suppress(ProviderError):
            yield sealing.opened(stored)
    for stored in ToolServer.objects.filter(owner=owner).values_list("sealed_headers", flat=True):
        with suppress(ServerFailed):
            for value in sent_headers.opened(stored).values():
                yield from _of_header(value)


def _told_by(owner: int) -> Iterator[str]:
    """What he tells every model."""
    for told in UserInstructions.objects.filter(user=owner).values_list("text", flat=True):
        yield from lines_of(told)


def _doors_of(sandbox: Sandbox) -> Iterator[str]:
    """What the links to its previews end with."""
    for row in PortAccess.objects.filter(sandbox=sandbox):
        rule = preview_rules.rule_of(sandbox, row.port)
        yield from (row.nonce, preview_rules.secret(sandbox.pk, row.port, rule))


def _environments(conversation: Conversation) -> Iterator[dict[str, str]]:
    """Of its commands."""
    found = Command.objects.filter(parts__message__conversation=conversation).exclude(env={})
    yield from found.values_list("env", flat=True)[:MOST_COMMANDS]


def _sent(policy: Any, inside: bool = False) -> Iterator[str]:
    """What a network policy puts into requests: values of headers, bodies of answers."""
    match policy:
        case dict():
            for name, each in policy.items():
                yield from _sent(each, inside or name in ("transform", "headers", "response"))
        case [str(), str(value)] if inside:  # the name of a header is no secret
            yield from _of_header(value)
        case list():
            for each in policy:
                yield from _sent(each, inside)
        case str() if inside:
            yield from _of_header(policy)


def _of_header(value: str) -> Iterator[str]:
    """A value, and of one as "Bearer WORD" the word."""
    yield value
    yield value.rpartition(" ")[2]


def _texts(variables: dict[str, Any]) -> Iterator[str]:
    return (value for value in variables.values() if isinstance(value, str))


def _settings(content: str) -> Iterator[tuple[str, str]]:
    for line in content.splitlines():
        name, found, value = line.strip().removeprefix("export ").partition("=")
        if found and (value := value.strip().strip("\"'")):
            yield name, value


def _likely(variables: Iterable[tuple[str, Any]]) -> Iterator[str]:
    for name, value in variables:
        if isinstance(value, str) and (forms.SECRET_NAME.search(name) or _LOOKS.fullmatch(value)):
            yield value


def _variants(words: Iterable[str]) -> set[str]:
    """As they stand, line by line, and as addresses, JSON and base64 write them."""
    found = set()
    for word in words:
        for one in {word, word.strip(), *(line.strip() for line in word.split("\n"))}:
            if len(one) >= SHORTEST:
                encoded = base64.b64encode(one.encode("utf-8", "replace")).decode()
                found |= {one, quote(one, safe=""), quote(one), json.dumps(one)[1:-1], encoded}
    return found
