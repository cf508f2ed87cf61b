"""Which rules of a policy a request fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

import re2

from .policy import Match, Matcher, PairMatcher, Rule, regex_options


@dataclass(frozen=True)
class Asked:
    """A request as rules look at it. `headers` with names in lower case."""

    method: str
    target: str  # path and query
    headers: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        try:
            return parse_qsl(
                self.target.partition("?")[2], keep_blank_values=True, max_num_fields=256
            )
        except ValueError:
            return []


def fitting(rules: Iterable[Rule], asked: Asked) -> list[Rule]:
    return [rule for rule in rules if fits(rule.match, asked)]


def fits(match: Match, asked: Asked) -> bool:
    """Whether every given part fits; of the pairs, each must fit some of the request's."""
    if match.path is not None and not equals(match.path, asked.path):
        return False
    if match.method and asked.method.upper() not in {method.upper() for method in match.method}:
        return False
    if not all(_some(pair, asked.query) for pair in match.queryString):
        return False
    return all(_some(pair, asked.headers, lower=True) for pair in match.headers)


def equals(matcher: Matcher, text: str) -> bool:
    if matcher.exact is not None:
        return text == matcher.exact
    if matcher.startsWith is not None:
        return text.startswith(matcher.startsWith)
    assert matcher.regex is not None
    return _compiled(matcher.regex).search(text) is not None


def _some(pair: PairMatcher, found: Iterable[tuple[str, str]], lower: bool = False) -> bool:
    key = pair.key
    if lower and key is not None and key.regex is None:
        key = Matcher(
            exact=None if key.exact is None else key.exact.lower(),
            startsWith=None if key.startsWith is None else key.startsWith.lower(),
        )
    return any(
        (key is None or equals(key, name)) and (pair.value is None or equals(pair.value, value))
        for name, value in found
    )


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re2._Regexp:  # linear in time, whatever the pattern
    return re2.compile(pattern, regex_options())
