"""Where apt looks for packages on this machine."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from ..login import Login
from .places import USUAL_PORTS, Place, basic, login_at, place_of

ETC = Path("/etc/apt")


def places(etc: Path = ETC) -> list[Place]:
    """The web addresses of every source that is switched on, with their credentials."""
    urls: list[str] = []
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        text = _read(path)
        if path.suffix == ".sources":
            urls += _of_stanzas(text)
        elif path.suffix == ".list":
            urls += _of_lines(text)
    logins = [text for path in [etc / "auth.conf", *sorted((etc / "auth.conf.d").glob("*.conf"))]
              if (text := _read(path))]  # fmt: skip
    secrets = _secrets("\n".join(logins))
    found = []
    for url in dict.fromkeys(urls):
        place = place_of(url)
        if place is not None:
            found.append(replace(place, login=place.login or _login_of(place, secrets)))
    return found


def _login_of(place: Place, secrets: list[tuple[str, str]]) -> Login | None:
    """Of the first entry that is for this address, as apt takes it."""
    parts = urlsplit(place.url)
    here = (parts.scheme, parts.hostname or "", parts.port or USUAL_PORTS[parts.scheme], parts.path)
    for machine, authorization in secrets:
        try:
            # Without a protocol an entry is for encrypted sources alone.
            known = urlsplit(machine if "://" in machine else f"https://{machine}")
            login = login_at(known, known.path, authorization)
        except (ValueError, KeyError):
            continue
        if login is not None and login.covers(*here):
            return login
    return None


def _of_lines(text: str) -> list[str]:
    urls = []
    for line in text.splitlines():
        words = re.sub(r"\[[^\]]*\]", " ", line.partition("#")[0]).split()
        if len(words) > 1 and words[0] in ("deb", "deb-src"):
            urls.append(words[1])
    return urls


def _of_stanzas(text: str) -> list[str]:
    urls = []
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        joined = re.sub(r"\n[ \t]+", " ", "\n".join(lines))
        fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.*)$", joined, re.M))
        if fields.get("Enabled", "yes").strip().lower() not in ("no", "false", "off"):
            urls += fields.get("URIs", "").split()
    return urls


def _secrets(text: str) -> list[tuple[str, str]]:
    """(machine, authorization) of auth.conf, which has the form of a netrc."""
    found = []
    for entry in re.split(r"\bmachine\b", text)[1:]:
        try:
            words = shlex.split(entry, comments=True)
        except ValueError:
            continue
        if words:
            known = dict(zip(words[1::2], words[2::2], strict=False))
            if "login" in known:
                found.append((words[0], basic(known["login"], known.get("password", ""))))
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
