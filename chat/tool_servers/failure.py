"""Why a server of tools cannot be used."""

from __future__ import annotations

import httpx2

from chat.providers.guarded import AddressRefused
from chat.providers.words import said_by
from vibe.refusal import Code, Refusal


class ServerFailed(Refusal):
    """In words for people and models; the server's own words come short and without secrets."""

    def __init__(self, message: str, hint: str = "Test the server under Settings, Tools.") -> None:
        super().__init__(message, hint, Code.UNAVAILABLE)


class SessionGone(ServerFailed):
    """The server has forgotten the session: it has to be begun anew."""


def of_connection(error: BaseException) -> ServerFailed:
    """What a failed connection comes to."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, AddressRefused):
            return ServerFailed(str(found), "Use a public address.")
        found = found.__cause__ or found.__context__
    text = str(error).lower()
    if "getaddrinfo" in text or "resolution" in text:
        return ServerFailed("The name of the server cannot be resolved.", "Check its address.")
    if isinstance(error, httpx2.ConnectError):
        return ServerFailed("Nothing answers at its address.", "Is the server running?")
    return ServerFailed(f"The connection broke. {said_by(str(error))}".strip())


def of_status(status: int) -> ServerFailed:
    """What an answer that is no success comes to."""
    if 300 <= status < 400:
        return ServerFailed(
            f"The server sends elsewhere ({status}), which is not followed.",
            "Enter the address that it leads to, if you know it.",
        )
    if status in (401, 403):
        return ServerFailed(f"The server refuses ({status}).", "Check its headers.")
    if status in (404, 405):
        return ServerFailed(f"There are no tools at this address ({status}).", "Check its address.")
    return ServerFailed(f"The server answered {status}.", "Try again later.")
