"""Where errors and log lines go."""

from __future__ import annotations

from vibe import env

SENTRY_DSN = env.secret("SENTRY_DSN", help="Where to report errors; empty means nowhere.")
if SENTRY_DSN:
    from vibe import error_reports

    error_reports.start(SENTRY_DSN)
LOG_LEVEL = env.text("VIBE_LOG_LEVEL", "INFO", help="DEBUG, INFO, WARNING or ERROR.").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "vibe.redaction.RedactingFormatter",
            "fmt": "%(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "rq": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        "vibe": {"level": LOG_LEVEL},
    },
}
