"""What is put into a request at the last moment, when it leaves for the host that was checked."""

from __future__ import annotations

from collections.abc import Iterable

import h11

from .login import Login
from .origin import Origin

READING = (b"GET", b"HEAD")
# With these a request does more than read, or brings credentials of its own.
MORE_THAN_READING = frozenset({
    b"authorization", b"upgrade", b"transfer-encoding",
    b"x-http-method-override", b"x-http-method", b"x-method-override",
})  # fmt: skip


def with_login(request: h11.Request, origin: Origin, logins: Iterable[Login]) -> h11.Request:
    """The request with the credentials of this machine for `origin`, if there are any for it.

    Only what reads gets them: what this machine may publish, a sandbox may not. A program that
    has an Authorization of its own keeps it, and ours is not put beside it.
    """
    if request.method not in READING or not all(map(_reads, request.headers)):
        return request
    target = request.target.decode("ascii", "replace")
    fitting = [
        login for login in logins if login.covers(origin.scheme, origin.host, origin.port, target)
    ]
    if not fitting:
        return request
    chosen = max(fitting, key=lambda login: len(login.path))
    headers = [*request.headers, (b"authorization", chosen.authorization.encode())]
    return h11.Request(method=request.method, target=request.target, headers=headers)


def _reads(header: tuple[bytes, bytes]) -> bool:
    name, value = header
    return name not in MORE_THAN_READING and (name != b"content-length" or value == b"0")
