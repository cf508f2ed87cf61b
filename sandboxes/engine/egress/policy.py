"""What a sandbox may reach, as it is stored: the one normal form that every other form becomes.

The forms of requests are those of the field's sandbox clients (`allow`, `subnets`, rules with
`match`, `transform`, `forwardURL` and `response`, and the older `allowedDomains`), besides the
names of our own modes.
"""

from __future__ import annotations

import json
import re
from ipaddress import ip_network
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import re2
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    model_validator,
)

from .domains import normal_host, normal_pattern
from .request_forms import as_normal_form

Mode = Literal["deny-all", "registries", "internet", "custom"]
MODES: tuple[Mode, ...] = ("deny-all", "registries", "internet", "custom")

MAX_BYTES = 64 * 1024
MAX_DOMAINS = 256
MAX_RULES = 64
MAX_SUBNETS = 128
MAX_PATTERN = 1000

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
# How a message is framed and where it goes is the proxy's to say.
NOT_OURS = frozenset({
    "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip


class PolicyError(ValueError):
    """A request that is no policy; `str(error)` says what is wrong with which part."""


def regex_options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    return options


def _regex(text: str) -> str:
    if len(text) > MAX_PATTERN:
        raise ValueError(f"a regex has at most {MAX_PATTERN} characters")
    try:
        re2.compile(text, regex_options())
    except re2.error as error:
        reason = error.args[0] if error.args else error
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"{text[:80]!r} is not a regex of RE2: {said}") from None
    return text


def _header_name(name: str) -> str:
    if not TOKEN.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is not a header name")
    if name.lower() in NOT_OURS:
        raise ValueError(f"the header {name} cannot be set")
    return name


def _header_value(value: str) -> str:
    if any((ord(char) < 32 and char != "\t") or ord(char) == 127 for char in value):
        raise ValueError("a header's value has no line breaks or control characters")
    if not value.isascii():
        raise ValueError("a header's value is plain ASCII")
    return value.strip()


def _subnet(text: str) -> str:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        raise ValueError(
            f"{text[:80]!r} is not a range of addresses such as 192.0.2.0/24"
        ) from None


def _forward_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("forwardURL is an http or https address without a user name")
    normal_host(parts.hostname)
    if not text.isascii() or any(ord(char) <= 32 for char in text):
        raise ValueError("forwardURL is plain ASCII without spaces")
    return text


Method = Annotated[str, Field(pattern=r"^[A-Za-z]{1,20}$")]
ForwardURL = Annotated[str, Field(max_length=2048), AfterValidator(_forward_url)]
Domain = Annotated[str, AfterValidator(normal_pattern)]
Subnet = Annotated[str, AfterValidator(_subnet)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[str, Field(max_length=8192), AfterValidator(_header_value)]


class _Strict(BaseModel):
    # A part that is not understood must not be left out silently.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Matcher(_Strict):
    """Compares a text in one of three ways."""

    exact: str | None = Field(default=None, max_length=4096)
    startsWith: str | None = Field(default=None, max_length=4096)
    regex: Annotated[str, AfterValidator(_regex)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Matcher:
        if sum(value is not None for value in (self.exact, self.startsWith, self.regex)) != 1:
            raise ValueError("a matcher has one of exact, startsWith and regex")
        return self


class PairMatcher(_Strict):
    key: Matcher | None = None
    value: Matcher | None = None

    @model_validator(mode="after")
    def _something(self) -> PairMatcher:
        if self.key is None and self.value is None:
            raise ValueError("a matcher of pairs needs key or value")
        return self


class Match(_Strict):
    """Which requests a rule is for; every part that is given must fit."""

    path: Matcher | None = None
    method: tuple[Method, ...] = Field(default=(), max_length=16)
    queryString: tuple[PairMatcher, ...] = Field(default=(), max_length=16)
    headers: tuple[PairMatcher, ...] = Field(default=(), max_length=16)


def _from_pairs(headers: Any) -> Any:
    return dict(headers) if isinstance(headers, list) else headers


class Transform(_Strict):
    """Headers to set. Names are kept as they were sent, for those who read them back."""

    headers: Annotated[dict[HeaderName, HeaderValue], BeforeValidator(_from_pairs)] = Field(
        max_length=32
    )

    @field_serializer("headers")
    def _as_pairs(self, headers: dict[str, str]) -> list[list[str]]:
        # A database that takes JSON apart does not keep the order of an object's names.
        return [[name, value] for name, value in headers.items()]


class CannedResponse(_Strict):
    statusCode: int = Field(ge=200, le=599)
    headers: dict[HeaderName, HeaderValue] = Field(default={}, max_length=32)
    body: str = Field(default="", max_length=16 * 1024)
    contentType: HeaderValue = ""


class Rule(_Strict):
    """What happens to the requests that fit: changed headers, another target, or an answer."""

    match: Match = Match()
    transform: tuple[Transform, ...] = Field(default=(), max_length=8)
    forwardURL: ForwardURL | None = None
    response: CannedResponse | None = None

    @model_validator(mode="after")
    def _one(self) -> Rule:
        if sum((bool(self.transform), self.forwardURL is not None, self.response is not None)) != 1:
            raise ValueError("a rule has one of transform, forwardURL and response")
        return self


class Subnets(_Strict):
    allow: tuple[Subnet, ...] = Field(default=(), max_length=MAX_SUBNETS)
    deny: tuple[Subnet, ...] = Field(default=(), max_length=MAX_SUBNETS)


class Policy(_Strict):
    """A sandbox's network policy.

    `deny-all`: nothing. `registries`: the package registries of this machine. `internet`: every
    public host. `custom`: nothing but what is listed. `allow` adds hosts to `registries` and
    `custom`; denied ranges win over everything.
    """

    mode: Mode
    allow: dict[Domain, tuple[Rule, ...]] = Field(default={}, max_length=MAX_DOMAINS)
    subnets: Subnets = Subnets()

    @model_validator(mode="after")
    def _sensible(self) -> Policy:
        if any(len(rules) > MAX_RULES for rules in self.allow.values()):
            raise ValueError(f"a domain has at most {MAX_RULES} rules")
        if self.mode == "deny-all" and (self.allow or self.subnets.allow):
            raise ValueError("deny-all goes with no allow")
        return self


def parse(request: Any) -> Policy:
    """The policy that a request of any known form means; raises PolicyError."""
    try:
        policy = Policy.model_validate(as_normal_form(request))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise PolicyError(f"{where}: {message}" if where else message) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise PolicyError(str(error)) from None
    if len(json.dumps(stored(policy))) > MAX_BYTES:
        raise PolicyError(f"A policy takes at most {MAX_BYTES // 1024} KiB.")
    return policy


def stored(policy: Policy) -> dict[str, Any]:
    """The normal form as JSON values; `parse` reads it back unchanged."""
    return policy.model_dump(mode="json", exclude_defaults=True)
