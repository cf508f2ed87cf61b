"""A browser in a sandbox of its own, which reaches one port of one other sandbox and nothing else.

Driven over the DevTools protocol by two pipes, https://chromedevtools.github.io/devtools-protocol/.
Whatever comes back is the word of a page that anybody may have written.
"""

from __future__ import annotations

from .acting import act
from .launching import Browser
from .portraying import portray
from .program import HINT, find
from .visiting import Visit, visit
from .wire import BrowserGone

__all__ = ["HINT", "Browser", "BrowserGone", "Visit", "act", "find", "portray", "visit"]
