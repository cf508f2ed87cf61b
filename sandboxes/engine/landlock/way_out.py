"""The way out of a sandbox that shares the host's network: the proxy at a port of its own."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from .. import directories
from ..egress.inside import DIRECTORY, PROXY
from ..spec import SandboxSpec
from . import rules

NAME = ".network"


def opened(spec: SandboxSpec, home: Path) -> SandboxSpec:
    """The sandbox with its own copy of the files that programs need for the way out, and with
    variables that point to these and to its own proxy."""
    if spec.network is None or not spec.first_port:
        return spec
    place = home / NAME
    proxy = f"http://127.0.0.1:{rules.proxy_port(spec)}"

    def local(text: str) -> str:
        return text.replace(DIRECTORY, str(place)).replace(PROXY, proxy)

    if place.is_symlink() or not place.is_dir():
        place.unlink(missing_ok=True)
    else:
        shutil.rmtree(place)
    place.mkdir(mode=0o700)
    for file in spec.network.iterdir():
        if not file.name.startswith("."):
            (place / file.name).write_text(local(file.read_text()))
    give(place, spec)
    return replace(spec, env={name: local(value) for name, value in spec.env.items()})


def give(path: Path, spec: SandboxSpec) -> None:
    """Make the sandbox's user the owner of a directory that we have made."""
    if spec.uid is None:
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        directories.give_to(descriptor, spec.uid)
    finally:
        os.close(descriptor)
