"""Environment variables that people and programs ask for."""

from __future__ import annotations

import re

from vibe.refusal import Refusal

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MAX_BYTES = 64 * 1024


def checked(env: dict[str, str]) -> dict[str, str]:
    """The variables, when they can be set. Raises Refusal."""
    for name, value in env.items():
        if not NAME.fullmatch(name) or "\0" in value:
            raise Refusal(
                f"{name!r} cannot be an environment variable.",
                "Names have letters, digits and underscores; values no NUL character.",
            )
    if sum(len(name.encode()) + len(value.encode()) for name, value in env.items()) > MAX_BYTES:
        raise Refusal(
            "The environment variables take more than 64 KiB.",
            "Write large values to a file and pass its path.",
            code="limit",
        )
    return env
