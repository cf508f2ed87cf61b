"""Where pip looks for packages on this machine."""

from __future__ import annotations

import ast
import os
import re
import sys
from dataclasses import dataclass, field

from . import programs
from .places import Place, place_of

INTERPRETERS = (sys.executable, "python3", "/usr/bin/python3")
LISTS = ("extra-index-url", "find-links")
# What other installers of the same indexes read.
VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX")


@dataclass(frozen=True)
class PipSettings:
    """`index` is where pip looks first; `usual` whether that is pip's own default."""

    index: Place | None
    usual: bool
    others: tuple[Place, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    extra: tuple[Place, ...] = field(default=())


def settings() -> PipSettings:
    """Asks the first pip that there is."""
    for interpreter in INTERPRETERS:
        listed = programs.ask([interpreter, "-m", "pip", "config", "list"])
        if listed is not None:
            default = _default(programs.ask([interpreter, "-m", "pip", "install", "--help"]) or "")
            return understood(listed, default, dict(os.environ))
    return PipSettings(None, usual=True)


def understood(listed: str, default: str, environment: dict[str, str]) -> PipSettings:
    """From the output of `pip config list`: lines of `section.option='value'`."""
    values: dict[str, dict[str, list[str]]] = {}
    for line in listed.splitlines():
        key, _, text = line.partition("=")
        section, _, option = key.rpartition(".")
        try:
            value = str(ast.literal_eval(text))
        except (ValueError, SyntaxError):
            continue
        values.setdefault(option, {})[section] = value.split()
    indexes = values.get("index-url", {})
    chosen = next(
        (indexes[section][0] for section in (":env:", "install", "global") if indexes.get(section)),
        "",
    )
    extra = [place_of(url) for urls in values.get("extra-index-url", {}).values() for url in urls]
    others = [place_of(url) for name in LISTS for urls in values.get(name, {}).values()
              for url in urls]  # fmt: skip
    for name in VARIABLES:
        for word in environment.get(name, "").split():
            others.append(place_of(re.sub(r"^[\w.-]+=", "", word)))  # uv: name=address
    trusted = [host for hosts in values.get("trusted-host", {}).values() for host in hosts]
    return PipSettings(
        index=place_of(chosen or default),
        usual=not chosen or chosen.rstrip("/") == default.rstrip("/"),
        others=tuple(place for place in others if place is not None),
        trusted_hosts=tuple(trusted),
        extra=tuple(place for place in extra if place is not None),
    )


def _default(usage: str) -> str:
    """pip tells its default index in its help alone."""
    words = re.sub(r"\s+", "", usage)
    found = re.search(r"--index-url.*?\(default(https?://[^)]+)\)", words)
    return found[1] if found else ""
