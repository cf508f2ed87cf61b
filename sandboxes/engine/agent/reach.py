"""What the agent of a running sandbox may reach of its files."""

from __future__ import annotations

import os

from .enclosure import Beneath
from .places import DIRECTORY, Place
from .settings import PUBLIC_WORKSPACE, Settings
from .world import World


def place_of(settings: Settings) -> Place:
    """All of it in a mount namespace of its own.

    Without one only the sandbox's own directories (a safety net, not a wall:
    commands can reach more).
    """
    if settings.isolated:
        return World(settings)
    workspace, home = (os.open(path, DIRECTORY) for path in (settings.workspace, settings.home))
    names = {PUBLIC_WORKSPACE: workspace, settings.workspace: workspace, settings.home: home}
    for path, root in ((settings.workspace, workspace), (settings.home, home)):
        names[os.path.realpath(path)] = root
    return Beneath(workspace, names)
