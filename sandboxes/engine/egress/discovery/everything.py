"""All registries of this machine, and how programs in a sandbox are to be pointed to them."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..domains import normal_pattern
from ..registries import Registry, merged
from . import apt, links, npm, pip

FILE = "registries.json"
# Of npm's registry, also where that is npm's own default: others have another default.
NODE_REGISTRY = "COREPACK_NPM_REGISTRY"
FRESH_SECONDS = 6 * 3600.0


@dataclass(frozen=True)
class Discovery:
    """`env` points package managers in a sandbox to the same places; it holds no secret."""

    registries: tuple[Registry, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    found_at: float = 0.0

    @property
    def fresh(self) -> bool:
        return 0 <= time.time() - self.found_at < FRESH_SECONDS


def discover() -> Discovery:
    """Ask the package managers and their indexes. Takes seconds; reads the network.

    When an index does not answer, what was found is not `fresh`, so that it is asked again soon.
    """
    complete = True
    found: list[Registry] = []
    env: dict[str, str] = {}
    python = pip.settings()
    for place in (python.index, *python.others):
        if place is not None:
            found.append(Registry(place.pattern, "pip", trusted=True, logins=place.logins))
    for place in (python.index, *python.extra):
        if place is not None:
            linked = links.of_python_index(place)
            complete = complete and bool(linked)
            found += _linked(linked, "pip's index links to it")
    if python.index is not None and not python.usual:
        env["PIP_INDEX_URL"] = env["UV_DEFAULT_INDEX"] = python.index.url
    if python.extra:
        env["PIP_EXTRA_INDEX_URL"] = " ".join(place.url for place in python.extra)
    if python.trusted_hosts:
        env["PIP_TRUSTED_HOST"] = " ".join(python.trusted_hosts)
    node = npm.settings()
    scoped = [place for _, place in node.scoped]
    for place in (node.registry, *scoped):
        if place is not None:
            found.append(Registry(place.pattern, "npm", trusted=True, logins=place.logins))
            found += _linked(links.of_node_registry(place), "npm's registry links to it")
    if node.registry is not None:
        env[NODE_REGISTRY] = node.registry.url.rstrip("/")
        if not node.usual:  # a variable would come before the settings of a project
            env["npm_config_registry"] = node.registry.url
    for scope, place in node.scoped:
        env[f"npm_config_{scope}:registry"] = place.url
    for place in apt.places():
        found.append(Registry(place.pattern, "apt", trusted=True, logins=place.logins))
    return Discovery(tuple(merged(found)), env, time.time() if complete else 0.0)


def completed(found: Discovery, before: Discovery | None) -> Discovery:
    """What was found; while an index does not answer, also what it linked to before."""
    if before is None or found.fresh:
        return found
    known = [replace(registry, logins=()) for registry in before.registries]
    kept = merged([*found.registries, *known])
    return Discovery(tuple(kept), found.env, found.found_at)


def named(patterns: Iterable[str]) -> list[Registry]:
    """Those that the operator names in a setting; raises ValueError for what is no host."""
    return [Registry(normal_pattern(text), "VIBE_EGRESS_ALLOW", trusted=True) for text in patterns]


def load(directory: Path) -> Discovery | None:
    """What was found the last time."""
    try:
        values: dict[str, Any] = json.loads((directory / FILE).read_text())
        registries = tuple(Registry.from_json(entry) for entry in values["registries"])
        return Discovery(registries, values["env"], values["found_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(directory: Path, discovery: Discovery) -> None:
    """For our own user alone: there may be credentials in it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    values = {
        "registries": [registry.as_json() for registry in discovery.registries],
        "env": discovery.env,
        "found_at": discovery.found_at,
    }
    with tempfile.NamedTemporaryFile("w", dir=directory, delete=False) as file:  # mode 0600
        json.dump(values, file, indent=1)
    os.replace(file.name, directory / FILE)


def _linked(urls: list[str], source: str) -> list[Registry]:
    """What a page says is not this machine's configuration: such hosts must be public."""
    return [Registry(pattern, source) for pattern in links.patterns_of(urls)]
