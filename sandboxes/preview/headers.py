"""Which headers pass between a browser and a previewed server, and which do not.

Both sides are hostile: the request must not carry the platform's cookies or forged forwarding
headers in, the response must not reach beyond its own origin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sandboxes.preview.host import Site
from sandboxes.preview.inside import Inside
from sandboxes.preview.redirects import POLICIES, stays, to_browser
from vibe.web.cookie_names import PREFIX, own_names

Headers = list[tuple[bytes, bytes]]

# Of the platform at a preview's host: see entry_cookies. No app's are called so.
OWN_COOKIES = (b"vibe_preview_entry", b"vibe_preview_door", b"vibe_preview_seen")
ENTRY = OWN_COOKIES[0]
# A program's API key.
KEY_HEADER = b"x-vibe-key"

HOP_BY_HOP = {
    b"connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}
FORGEABLE = {b"forwarded", b"x-real-ip", b"x-original-url", b"x-rewrite-url"}
# They speak for a whole host or domain, for longer than the sandbox lives.
TOO_FAR = {
    b"strict-transport-security",
    b"clear-site-data",
    b"public-key-pins",
    b"alt-svc",
    b"nel",
    b"report-to",
    b"x-frame-options",
}
# "no-referrer" would make browsers send "Origin: null" with the forms of the page itself, which
# the CSRF checks of many frameworks refuse; "same-origin" tells other sites as little.
QUIET_REFERRERS = {b"no-referrer", b"same-origin"}
SAFE = {b"GET", b"HEAD", b"OPTIONS", b"TRACE"}
_DOMAIN = re.compile(rb"\s*domain\s*(=|$)", re.IGNORECASE)


class BadRequest(Exception):
    """The request's framing is ambiguous; two servers could read two requests in it."""


def _listed(headers: Iterable[tuple[bytes, bytes]]) -> set[bytes]:
    """Names that a Connection header declares to be for this hop alone."""
    return {
        token.strip().lower()
        for name, value in headers
        if name.lower() == b"connection"
        for token in value.split(b",")
    }


def _cookies(value: bytes) -> bytes:
    """A Cookie header without the platform's own cookies. Browsers send them to its host alone, and
    by any other name a cookie may be the app's."""
    ours = {*(PREFIX + own for own in (*own_names(), *OWN_COOKIES)), *OWN_COOKIES}
    pairs = [pair.strip() for pair in value.split(b";")]
    return b"; ".join(p for p in pairs if p and p.split(b"=", 1)[0].strip() not in ours)


def content_length(headers: Headers) -> int | None:
    """The body's declared length; None when it is chunked or there is none.

    Raises BadRequest when the framing can be read in two ways.
    """
    lengths = [value.strip() for name, value in headers if name.lower() == b"content-length"]
    encodings = [value.strip() for name, value in headers if name.lower() == b"transfer-encoding"]
    if (lengths and encodings) or len(lengths) > 1 or len(encodings) > 1:
        raise BadRequest
    if encodings and encodings[0].lower() != b"chunked":
        raise BadRequest
    if lengths and not re.fullmatch(rb"[0-9]{1,18}", lengths[0]):
        raise BadRequest
    return int(lengths[0]) if lengths else None


def for_sandbox(
    headers: Headers, *, client: str, inside: Inside, method: bytes = b"GET"
) -> Headers:
    """The request's headers as the previewed server gets them, without those of framing.

    client: address of the browser.
    """
    dropped = (
        HOP_BY_HOP | FORGEABLE | {KEY_HEADER} | _listed(headers) | {b"content-length", b"expect"}
    )
    kept: Headers = []
    outer = b""
    for name, value in headers:
        name = name.lower()
        if name == b"host":
            outer, value = value, inside.host.encode("latin-1")
        elif _is_for_the_way(name, dropped):
            continue
        elif name == b"cookie":
            value = _cookies(value)
            if not value:
                continue
        kept.append((name, inside.told(name, value)))
    kept.append((b"x-forwarded-for", client.encode("latin-1", "replace")))
    kept.append((b"x-forwarded-proto", inside.site.scheme.encode()))
    if not _is_checked(headers, inside, method):
        kept.append((b"x-forwarded-host", outer))
    return kept


def _is_for_the_way(name: bytes, dropped: set[bytes]) -> bool:
    """Also by the spelling that CGI and WSGI take for the same: X_Forwarded_For."""
    plain = name.replace(b"_", b"-")
    return name in dropped or plain in dropped or plain.startswith(b"x-forwarded-")


def _is_checked(headers: Headers, inside: Inside, method: bytes) -> bool:
    """Whether the Origin of a request may be held against X-Forwarded-Host: Next.js, React Router
    and Rails do with what changes something. Without it they take Host, which agrees."""
    if not inside.is_renamed or method in SAFE:
        return False
    return any(
        name.lower() == b"origin" and inside.told(b"origin", value) != value
        for name, value in headers
    )


def for_browser(headers: Headers, site: Site, status: int = 200) -> Headers:
    """The headers of a response with that status as the browser gets them, which has it from
    `site`."""
    dropped = HOP_BY_HOP | TOO_FAR | _listed(headers)
    kept: Headers = []
    referrer, leads = b"same-origin", b""
    for name, value in headers:
        name = name.lower()
        if name in dropped or name in {b"x-robots-tag", b"origin-agent-cluster"}:
            continue
        if name == b"referrer-policy":
            referrer = value if value.strip().lower() in QUIET_REFERRERS else referrer
            continue
        if name == b"set-cookie":
            if _is_ours(value):
                continue
            value = _host_only(value)
        elif name in POLICIES:
            value = _framable(value)
            if not value:
                continue
        kept.append((name, to_browser(name, value, site)))
        if name == b"location" and status // 100 == 3 and stays(kept[-1][1], site):
            # Who has asked is told on: else what the workbench's frame was led to would seem to be
            # asked for by a stranger.
            leads = b"origin"
    return [
        *kept,
        (b"referrer-policy", leads or referrer),
        (b"x-robots-tag", b"noindex"),
        (b"origin-agent-cluster", b"?1"),
    ]


def _is_ours(cookie: bytes) -> bool:
    """Whether an app would set a cookie of the platform; some take the name out of the value."""
    name = cookie.split(b";", 1)[0].strip().lstrip(b"=").split(b"=", 1)[0].strip().lower()
    return name.removeprefix(PREFIX.lower()) in OWN_COOKIES


def _host_only(cookie: bytes) -> bytes:
    """A Set-Cookie without its Domain: no cookie goes to a host that is not this preview's."""
    pair, *attributes = cookie.split(b";")
    return b";".join([pair, *(a for a in attributes if not _DOMAIN.match(a))])


def _framable(policy: bytes) -> bytes:
    """A policy without frame-ancestors: the workbench shows the page in a frame."""
    policies = []
    for one in policy.split(b","):
        directives = [d for d in one.split(b";") if d.strip()]
        policies.append(
            b";".join(d for d in directives if d.split()[0].lower() != b"frame-ancestors")
        )
    return b",".join(p for p in policies if p.strip())
