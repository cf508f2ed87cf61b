"""Loads the agent library, which takes seconds and a hundred megabytes: in the background, after
the worker has said that it is there, or at once when a turn comes first.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cache
from types import ModuleType

from chat import providers

# By then the other processes of `up` have started too.
AFTER_SECONDS = 2.0
_lock = threading.Lock()


def begin() -> None:
    """Load soon, so that no person waits for it later."""
    timer = threading.Timer(AFTER_SECONDS, runtime)
    timer.daemon = True
    timer.start()


def runtime() -> ModuleType:
    """chat.agent.runtime, with the libraries of the default model."""
    with _lock:
        return _loaded()


@cache
def _loaded() -> ModuleType:
    from chat.agent import conversing, model_factory, runtime

    conversing.agent()
    with suppress(providers.ProviderError):
        model_factory.build(providers.endpoint_of(providers.default_model_id()))
    return runtime


def interrupt_all() -> None:
    """End all turns of this process, as chat.agent.runtime says."""
    if _loaded.cache_info().currsize:
        runtime().interrupt_all()
