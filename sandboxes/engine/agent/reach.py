"""What the agent of a running sandbox may reach of its files."""

from __future__ import annotations

import os

from .enclosure import Beneath
from .places import DIRECTORY, Place
from .settings import PUBLIC_WORKSPACE, Settings
from .world import World

# What the user of a sandbox may do as its root, as by sudo, where the host asks for that.
BY_ROOT = frozenset({"pack", "remove", "move"})


def place_of(settings: Settings, request: dict) -> Place:
    """What a request may reach, and from here on this process is whom it is served as: the
    sandbox's user, or its root.

    All files in a mount namespace of its own. Without one only the sandbox's own directories (a
    safety net, not a wall: commands can reach more).
    """
    by_root = bool(request.get("root")) and request["do"] in BY_ROOT
    if settings.identity is not None and not by_root:
        settings.identity.become()
    if settings.isolated:
        return World(settings)
    workspace, home = (os.open(path, DIRECTORY) for path in (settings.workspace, settings.home))
    names = {PUBLIC_WORKSPACE: workspace, settings.workspace: workspace, settings.home: home}
    for path, root in ((settings.workspace, workspace), (settings.home, home)):
        names[os.path.realpath(path)] = root
    return Beneath(workspace, names)
