"""The JavaScript modules that a page needs, so that a browser asks for all of them at once.

There is no build step, so modules import modules: left to itself, a browser learns of each level
only when it has the one before.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

_IMPORT = re.compile(r'^(?:import|export)\s(?:[^"]*\sfrom\s)?"(\.[^"]+)"', re.MULTILINE)


@cache
def imported(name: str) -> tuple[str, ...]:
    """Static names of what a module imports, directly or not, itself left out.

    `import()` calls do not count: what they load is meant to come later. A module that does not
    exist is the browser's to report.
    """
    found: list[str] = []
    waiting = [name]
    while waiting:
        module = waiting.pop(0)
        path = finders.find(module)
        if not isinstance(path, str):
            continue
        for address in _IMPORT.findall(Path(path).read_text(encoding="utf-8")):
            further = posixpath.normpath(posixpath.join(posixpath.dirname(module), address))
            if further not in found and further != name:
                found.append(further)
                waiting.append(further)
    return tuple(found)
