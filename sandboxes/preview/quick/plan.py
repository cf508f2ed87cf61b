"""What becomes of a request on the short road, by the rules of the long one."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from sandboxes.preview import beside, host, request, shown_key
from sandboxes.preview.answer import as_passed
from sandboxes.preview.headers import Headers
from sandboxes.preview.host import Site, Target
from sandboxes.preview.inside import Inside
from sandboxes.preview.neighbours import without_foreign_cookies
from sandboxes.preview.own_links import OwnLinks
from sandboxes.preview.quick import heads
from sandboxes.preview.quick.bodies import Body, Chunked, Counted, UntilEnd

# They begin a body, another protocol, or what Daphne takes for itself.
FOR_THE_LONG_ROAD = {
    b"content-length",
    b"transfer-encoding",
    b"expect",
    b"upgrade",
    b"daphne-root-path",
}
PERSISTENCE = {b"keep-alive", b"close"}
MOST_HEADERS = 100
BODILESS = {204, 304}
KEPT = 8  # heads of answers, as read before


@dataclass(frozen=True)
class Passage:
    """How an answer passes. head: for the browser. framed: its body is sent in chunks. chunked,
    length: how it comes; length is 0 without one. links: what it passes through."""

    status: int
    head: bytes
    framed: bool
    chunked: bool
    length: int | None
    keeps: bool
    links: OwnLinks | None

    def body(self) -> Body:
        if self.chunked:
            return Chunked()
        return UntilEnd() if self.length is None else Counted(self.length)


@dataclass
class Plan:
    """How requests with these headers pass. counted: those without cookies that another page has
    brought along. fields: their headers as the server gets them. closes: the browser wants no other
    answer on its connection."""

    target: Target
    given: Headers
    counted: Headers
    method: bytes
    inside: Inside
    fields: bytes
    closes: bool
    _passages: dict[bytes, Passage] = field(default_factory=dict)

    def passage(self, head: bytes) -> Passage:
        """How an answer with that head passes. Raises heads.Unusual."""
        known = self._passages.get(head)
        if known is not None:
            return known
        passage = self._passage(heads.answer(head))
        if passage.links is None:  # those are for one body
            if len(self._passages) >= KEPT:
                self._passages.clear()
            self._passages[head] = passage
        return passage

    def _passage(self, answer: heads.Answered) -> Passage:
        passed, links = as_passed(answer.status, answer.headers, self.inside)
        length, chunked = answer.length, answer.chunked
        if self.method == b"HEAD" or answer.status in BODILESS:
            length, chunked, links = 0, False, None
        framed = chunked or length is None or links is not None
        if framed:
            passed = [(name, value) for name, value in passed if name != b"content-length"]
            passed.append((b"transfer-encoding", b"chunked"))
        head = _head(answer.status, passed, self.closes)
        return Passage(answer.status, head, framed, chunked, length, answer.keeps, links)


def as_answer(page: tuple[int, Headers, bytes], plan: Plan) -> bytes:
    """A page of ours in place of the app's, as it goes to the browser."""
    status, told, body = page
    return _head(status, told, plan.closes) + (b"" if plan.method == b"HEAD" else body)


def of(method: bytes, block: bytes, client: str) -> Plan | None:
    """For a request with these header lines; None where it has to take the long road. client: the
    browser's address. Raises heads.Unusual."""
    given = heads.fields(block)
    try:
        target = host.parse_headers(given)
    except host.BadHost:
        return None
    words = heads.tokens(given, b"connection")
    if target is None or len(given) > MOST_HEADERS or not PERSISTENCE.issuperset(words):
        return None
    if any(name in FOR_THE_LONG_ROAD for name, _ in given):
        return None
    if _may_open_a_page(given) or shown_key.taken(given)[0]:
        return None
    named = next(value for name, value in given if name == b"host").decode("latin-1")
    inside = Inside(Site(target, request.scheme_of("http"), named))
    taken = without_foreign_cookies(given, target)
    passed = request.passed(taken, client=client, inside=inside, method=method)
    lines = b"".join([b"%b: %b\r\n" % line for line in passed])
    return Plan(target, given, taken, method, inside, lines + b"\r\n", b"close" in words)


def _may_open_a_page(given: Headers) -> bool:
    """Whether a browser may show the answer as a page: those are led, warned and changed."""
    said = dict(given)
    opens = said.get(b"sec-fetch-mode", b"").lower() == b"navigate"
    return opens or b"text/html" in said.get(b"accept", b"").lower()


def is_ours(path: bytes) -> bool:
    """Whether a request's target is no path of the app."""
    if b"%" not in path and not path.startswith(b"/."):
        return False
    return unquote_to_bytes(path.partition(b"?")[0]).startswith(beside.OURS.encode())


def _head(status: int, told: Headers, closes: bool) -> bytes:
    lines = [b"HTTP/1.1 %d %b\r\n" % (status, _phrase(status))]
    lines += [b"%b: %b\r\n" % line for line in told]
    if closes:
        lines.append(b"connection: close\r\n")
    return b"".join([*lines, b"\r\n"])


def _phrase(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b"Unknown"
