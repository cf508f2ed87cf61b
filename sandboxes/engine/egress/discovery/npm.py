"""Where npm looks for packages on this machine."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import programs
from .places import USUAL_PORTS, Place, basic, login_at, place_of

SECRET = re.compile(r"^(//[^=\s]+/?):(_authToken|_auth|username|_password)\s*=\s*(.*)$", re.M)


@dataclass(frozen=True)
class NpmSettings:
    """`registry` is the main one; `usual` whether that is npm's own default. `scoped` are
    (scope, registry) pairs."""

    registry: Place | None
    usual: bool
    scoped: tuple[tuple[str, Place], ...] = ()


def settings() -> NpmSettings:
    listed = programs.ask(["npm", "config", "ls", "-l", "--json"])
    if listed is None:
        return NpmSettings(None, usual=True)
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    none = ["--userconfig=/nonexistent/user", "--globalconfig=/nonexistent/global"]
    default = programs.ask(["npm", "config", "get", "registry", *none], plain) or ""
    try:
        values = json.loads(listed)
    except ValueError:
        return NpmSettings(None, usual=True)
    files = [values.get("userconfig"), values.get("globalconfig"), "/etc/npmrc"]
    return understood(values, default.strip(), [_read(name) for name in files])


def understood(values: dict[str, Any], default: str, files: list[str]) -> NpmSettings:
    """From npm's settings as JSON, and the files that hold what npm does not print."""
    secrets = credentials("\n".join(files), dict(os.environ))
    url = str(values.get("registry") or default)
    scoped = []
    for key, value in values.items():
        if key.endswith(":registry") and isinstance(value, str):
            place = _with_credentials(place_of(value), secrets)
            if place is not None:
                scoped.append((key.removesuffix(":registry"), place))
    return NpmSettings(
        registry=_with_credentials(place_of(url), secrets),
        usual=url.rstrip("/") == default.rstrip("/"),
        scoped=tuple(scoped),
    )


def credentials(text: str, environment: dict[str, str]) -> dict[str, str]:
    """{`//host/path`: authorization} of an .npmrc, its ${VARIABLES} filled in."""
    parts: dict[str, dict[str, str]] = {}
    for where, kind, value in SECRET.findall(text):
        filled = re.sub(r"\$\{(\w+)\}", lambda m: environment.get(m[1], ""), value.strip())
        parts.setdefault(where.rstrip("/"), {})[kind] = filled.strip("\"'")
    found = {}
    for where, known in parts.items():
        if token := known.get("_authToken"):
            found[where] = f"Bearer {token}"
        elif pair := known.get("_auth"):
            found[where] = f"Basic {pair}"
        elif "username" in known and "_password" in known:
            try:
                password = base64.b64decode(known["_password"]).decode()
            except (binascii.Error, UnicodeDecodeError):
                continue
            found[where] = basic(known["username"], password)
    return found


def _with_credentials(place: Place | None, secrets: dict[str, str]) -> Place | None:
    """npm takes what stands for the longest path that the address lies at or below."""
    if place is None or place.login is not None:
        return place
    parts = urlsplit(place.url)
    for where in sorted(secrets, key=len, reverse=True):
        try:
            known = urlsplit(f"{parts.scheme}:{where}")
            login = login_at(known, known.path, secrets[where])
        except ValueError:
            continue
        usual = USUAL_PORTS[parts.scheme]
        here = (parts.scheme, parts.hostname or "", parts.port or usual, parts.path)
        if login is not None and login.covers(*here):
            return Place(place.url, place.pattern, login)
    return place


def _read(name: Any) -> str:
    try:
        return Path(str(name)).read_text(errors="replace") if name else ""
    except OSError:
        return ""
