"""Keeps secrets out of what is logged about requests, whoever handles the records."""

from __future__ import annotations

import logging

from vibe.redaction import redacted

LOGGERS = (
    "django.request", "django.security", "django.security.csrf", "django.server",
    "django.channels.server", "vibe.api",
)  # fmt: skip


class HideSecrets(logging.Filter):
    """Takes them out of messages and their arguments; lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _hide(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_hide(argument) for argument in record.args)
        return True


def _hide(value: object) -> object:
    return redacted(value) if isinstance(value, str) else value


def install() -> None:
    """Put the filter on every logger that names what requests asked for."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(HideSecrets())
