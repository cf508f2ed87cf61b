"""Where errors and log lines go."""

from __future__ import annotations

from vibe import env

SENTRY_DSN = env.secret("SENTRY_DSN", help="Where to report errors; empty means nowhere.")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False)
LOG_LEVEL = env.text("VIBE_LOG_LEVEL", "INFO", help="DEBUG, INFO, WARNING or ERROR.").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
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
