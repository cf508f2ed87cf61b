"""Hosts that scaffolds of the field fetch from besides the package registries, in named sets.

The one list of them. An operator opens a set for default policies by VIBE_NETWORK_SCAFFOLDS.
"""

from __future__ import annotations

from collections.abc import Iterable

SETS: dict[str, tuple[str, ...]] = {
    # Templates of create-nuxt, create-astro, create-react-router, degit.
    "code": ("github.com", "api.github.com", "codeload.github.com", "raw.githubusercontent.com"),
    # next/font/google, at each build.
    "fonts": ("fonts.googleapis.com", "fonts.gstatic.com"),
}


def hosts(names: Iterable[str]) -> list[str]:
    """The hosts of the sets with these names."""
    return [host for name, found in SETS.items() if name in set(names) for host in found]
