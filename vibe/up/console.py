"""Prints the lines of several processes to one terminal, each under its process's name."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import TextIO

COLOURS = (36, 32, 35, 33, 34, 31)
# A log line may hold what a sandbox or a client sent; it must not steer the operator's terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|DSN)$|^(DATABASE|REDIS)_URL$")
_SHORTEST_SECRET = 8


class Console:
    """Line-wise output `name | text`, coloured on a terminal, secrets of the environment hidden."""

    def __init__(
        self,
        names: tuple[str, ...] = (),
        stream: TextIO | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.stream = stream or sys.stdout
        self.names = names
        self.width = max((len(name) for name in names), default=0)
        self.coloured = self.stream.isatty() and "NO_COLOR" not in environment
        self.secrets = sorted(
            (
                value
                for name, value in environment.items()
                if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_SECRET
            ),
            key=len,
            reverse=True,
        )

    def line(self, name: str, text: str) -> None:
        """Print one line that the process `name` wrote."""
        label = f"{name:<{self.width}} |"
        if self.coloured and name in self.names:
            label = f"\033[{COLOURS[self.names.index(name) % len(COLOURS)]}m{label}\033[0m"
        self.say(f"{label} {self.clean(text)}")

    def say(self, text: str) -> None:
        """Print one line of our own."""
        try:
            print(text, file=self.stream, flush=True)
        except (BrokenPipeError, ValueError):
            # Whoever read us is gone (`up | head`); the platform goes on without an audience.
            self.stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for good

    def clean(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "[hidden]")
        return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
