"""Which isolation this machine gives, and whether commands may run with it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from sandboxes.engine import Engine, EngineUnavailable, Level, levels
from sandboxes.models import IsolationConsent
from vibe.accounts.models import User
from vibe.loopback import is_loopback
from vibe.refusal import Refusal

CONSENT_HINT = "An administrator can agree to run without isolation on the page that says so."


REDUCED = (
    "Isolation is reduced: commands are confined to their own files and ports, but see this "
    "machine's list of processes."
)
OPEN_NETWORK = "Its kernel cannot close the network to them, so no network policy holds."


@dataclass(frozen=True)
class Isolation:
    """`allowed` says whether commands run at all."""

    level: Level
    sentence: str
    hint: str = ""
    consent_needed: bool = False
    allowed: bool = True


@cache
def probe() -> tuple[Level, str, str]:
    """(level, why it is not full, what to do), found once per process by the self-test."""
    try:
        levels.choose(allow_unisolated=False, allow_reduced=False)
    except EngineUnavailable as error:
        why, hint = str(error), error.hint
    else:
        return Level.FULL, "", ""
    try:
        return levels.choose(allow_unisolated=False).level, why, hint
    except EngineUnavailable:
        return Level.NONE, why, hint


def look_ahead() -> None:
    """Begin the self-test in the background, so that the first sandbox does not wait for it."""
    threading.Thread(target=probe, name="isolation self-test", daemon=True).start()


def current() -> Isolation:
    """What holds on this machine now."""
    level, reason, hint = probe()
    if level is Level.FULL:
        return Isolation(Level.FULL, "Commands run isolated from this machine and from each other.")
    if level is Level.REDUCED:
        words = REDUCED if levels.closes_network(level) else f"{REDUCED} {OPEN_NETWORK}"
        return Isolation(Level.REDUCED, f"{words} {reason}", hint)
    if settings.ALLOW_UNISOLATED or IsolationConsent.objects.filter(node=settings.NODE_NAME):
        sentence = f"Commands run on this machine without isolation. {reason}"
        return Isolation(Level.NONE, sentence, hint)
    sentence = f"Commands cannot be isolated on this machine, so none run yet. {reason}"
    return Isolation(Level.NONE, sentence, hint, consent_needed=True, allowed=False)


def consent(by: User) -> None:
    """Record that an administrator agrees to run commands without isolation here."""
    if not by.is_superuser:
        raise Refusal(
            "Only an administrator can agree to that.", "Ask one to sign in.", code="denied"
        )
    IsolationConsent.objects.get_or_create(node=settings.NODE_NAME, defaults={"given_by": by})


def check(host: str) -> None:
    """Refuse to serve other machines while sandboxes are not fully isolated."""
    level, reason, hint = probe()
    if level is Level.FULL or settings.ALLOW_UNISOLATED:
        return
    if level is Level.REDUCED and (settings.ALLOW_REDUCED or is_loopback(host)):
        return
    if level is Level.REDUCED:
        raise Refusal(
            f"Vibe does not serve {host} with reduced isolation of commands. {reason}",
            f"{hint} Or serve 127.0.0.1 only, or set VIBE_ALLOW_REDUCED=1 after reading "
            "docs/isolation.md, which says what the level does not stop.",
            code="denied",
        )
    if is_loopback(host):
        raise Refusal(f"Commands cannot be isolated on this machine. {reason}", hint)
    raise Refusal(
        f"Vibe does not serve {host} without isolation of commands. {reason}",
        f"{hint} Or serve 127.0.0.1 only, or set VIBE_ALLOW_UNISOLATED=1 if you accept that "
        "everyone who can sign in runs commands as your user.",
        code="denied",
    )


def engine() -> Engine:
    """The engine to start sandboxes with; raises Refusal when none may be used."""
    state = current()
    if not state.allowed:
        raise Refusal(state.sentence, f"{state.hint} {CONSENT_HINT}", code="unavailable")
    try:
        return levels.choose(allow_unisolated=state.level is Level.NONE)
    except EngineUnavailable as error:
        raise Refusal(str(error), error.hint, code="unavailable") from error


def root_of_its_own() -> bool:
    """Whether sandboxes started now have system directories of their own, and `sudo`."""
    return current().level is Level.FULL and levels.choose(allow_unisolated=False).writable


def check_root() -> None:
    """Raises Refusal, with the way around, where there is no root in sandboxes."""
    if root_of_its_own():
        return
    why = engine().read_only_because
    raise Refusal(
        f"There is no root in sandboxes here: {why}.",
        "Install for the user instead, without sudo: pip install --user, npm install -g.",
        code="invalid",
    )
