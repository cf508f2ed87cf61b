"""Where requests run: what must always answer has threads of its own, users have shares."""

from __future__ import annotations

from django.conf import settings

from vibe.shares import SharedThreads, Shares

# One owner's requests at once. A page and what belongs to it are a dozen; whoever sends more
# waits behind himself.
EACH = 16
THREADS = 64
# A program with hundreds of connections waits in its queue, which costs nobody anything.
WAITING, PATIENCE = 2_000, 10.0


class RequestThreads:
    """Chooses by the path of a request."""

    def __init__(self) -> None:
        self._rest = SharedThreads(
            "request",
            Shares("requests", total=THREADS, each=EACH, waiting=WAITING, patience=PATIENCE),
        )
        self._own = {
            settings.LOGIN_URL: _few("sign-in", "attempts to sign in", each=2),
            settings.STATIC_URL: _few("static", "files", each=4),
            "/healthz": _few("health", "checks", each=4),
            "/readyz": _few("readiness", "checks", each=4),
            "/metrics": _few("metrics", "checks", each=2),
        }

    def of(self, path: str) -> SharedThreads:
        """The threads for a request of that path."""
        for prefix, threads in self._own.items():
            if path.startswith(prefix):
                return threads
        return self._rest


def _few(name: str, what: str, *, each: int) -> SharedThreads:
    return SharedThreads(name, Shares(what, total=4, each=each, waiting=256))
