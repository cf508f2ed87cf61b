"""Keeps sign-in tokens out of the log: Django logs the path of a request that went wrong."""

from __future__ import annotations

import logging
import re

_TOKEN = re.compile(r"(/sign-in/)[^/\s?]{20,}")
LOGGERS = ("django.request", "django.security.csrf", "django.server", "django.channels.server")


class HideSignInTokens(logging.Filter):
    """Replaces the token in messages and their arguments; lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _hide(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_hide(argument) for argument in record.args)
        return True


def _hide(value: object) -> object:
    return _TOKEN.sub(r"\1…", value) if isinstance(value, str) else value


def install() -> None:
    """Put the filter on every logger that names request paths."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(HideSignInTokens())
