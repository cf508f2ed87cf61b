"""Loaded by Python at its start: has the Vercel Sandbox client talk to VIBE_VERCEL_URL.

Nothing is imported before the program imports it itself, and another sitecustomize still runs.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from typing import Any

OPTIONS = "vercel.sandbox._internal.options"
HERE = os.path.dirname(os.path.abspath(__file__))


class Redirect(importlib.abc.MetaPathFinder):
    """Sets the client's base address right after the module that holds it has been loaded."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != OPTIONS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            module.DEFAULT_SANDBOX_API_BASE_URL = os.environ["VIBE_VERCEL_URL"]

        setattr(spec.loader, "exec_module", exec_module)  # noqa: B010 - of this one loader
        return spec


def _next_one() -> None:
    elsewhere = [entry for entry in sys.path if os.path.abspath(entry or ".") != HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if os.environ.get("VIBE_VERCEL_URL"):
    sys.meta_path.insert(0, Redirect())
_next_one()
