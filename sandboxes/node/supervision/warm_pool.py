"""Keeps sandboxes waiting, started ahead: filled in the background, ended with the worker."""

from __future__ import annotations

import logging
import threading

from django.db import connections

from sandboxes.node import leftovers, warm

logger = logging.getLogger(__name__)

RENEW_SECONDS = 60.0
# Sandboxes that somebody waits for come first: it fills up when none was asked for so long.
QUIET_SECONDS = 0.3
# And so do the other processes of `up`.
FIRST_SECONDS = 2.0
CLOSE_SECONDS = 15.0


class WarmPool:
    """A thread of its own. Nothing waits for it but close()."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warm sandboxes", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def used(self) -> None:
        """A sandbox was asked for, so one that waited may be gone."""
        self._wanted.set()

    def close(self) -> None:
        """End those that wait."""
        self._closing.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            self._closing.wait(FIRST_SECONDS)
            self._prune()
            while not self._closing.is_set():
                self._fill()
                self._wanted.wait(RENEW_SECONDS)
                while self._wanted.is_set() and not self._closing.is_set():
                    self._wanted.clear()
                    self._closing.wait(QUIET_SECONDS)
            warm.end_all()
        except Exception:
            logger.exception("the sandboxes that were started ahead could not be ended")
        finally:
            connections.close_all()

    def _prune(self) -> None:
        try:
            leftovers.prune_shared()
        except Exception:  # it only takes room
            logger.exception("what sandboxes shared earlier could not be removed")

    def _fill(self) -> None:
        try:
            warm.renew()
            warm.fill()
        except Exception:  # it is only a matter of speed: sandboxes start without
            logger.exception("no sandbox could be started ahead")
        finally:
            connections.close_all()
