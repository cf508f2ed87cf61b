"""What the host tells the agent once, at start, through an inherited descriptor."""

from __future__ import annotations

import os

from .identity import Identity
from .messages import loads
from .refusal import Refused

PUBLIC_WORKSPACE = "/vercel/sandbox"
PUBLIC_HOME = "/home/vercel-sandbox"
PUBLIC_TEMPORARY = "/tmp"  # noqa: S108 - its own


class Settings:
    """Fixed for the life of the sandbox."""

    def __init__(self, values: dict) -> None:
        self.workspace: str = values["workspace"]
        self.home: str = values["home"]
        self.env: dict[str, str] = values["env"]
        self.timeout: float = values["timeout"]
        self.rlimits: list[tuple[int, int]] = [(kind, limit) for kind, limit in values["rlimits"]]
        self.confinement: dict | None = values["confinement"]
        self.nice: int = values["nice"]
        # Started ahead of being asked for: it becomes somebody's sandbox later, once.
        self.spare: bool = values["spare"]
        # Whom commands run as where the agent is root of the sandbox; None: as the agent does.
        user = values.get("identity")
        self.identity = Identity(**user) if user else None
        # Without isolation the agent shares the host's processes, files and network, and has to
        # find out by itself which of them belong to this sandbox.
        self.isolated: bool = values["isolated"]

    @classmethod
    def read(cls, descriptor: int) -> Settings:
        with open(descriptor, "rb") as file:
            file.seek(0)
            return cls(loads(file.read()))

    def adopt(self, env: dict[str, str], rlimits: list[list[int]]) -> None:
        """Become the sandbox of somebody. Raises Refused when it is that already."""
        if not self.spare:
            raise Refused("exists", "This is somebody's sandbox already.")
        self.rlimits = [(kind, limit) for kind, limit in rlimits]
        self.env = env
        self.spare = False

    def locate(self, path: str) -> str:
        """Absolute path of `path`, which is relative to the workspace or absolute.

        The public name of the workspace means the workspace also where nothing is mounted there.
        """
        if path == PUBLIC_WORKSPACE or path.startswith(PUBLIC_WORKSPACE + "/"):
            path = path[len(PUBLIC_WORKSPACE) :].lstrip("/")
        return os.path.join(self.workspace, path)
