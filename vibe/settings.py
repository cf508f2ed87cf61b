"""Django settings. Every knob is an environment variable, listed in docs/settings.md."""

from __future__ import annotations

import os
import secrets
import tempfile
from hashlib import sha256
from pathlib import Path

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from vibe import env

BASE_DIR = Path(__file__).resolve().parent.parent
env.load_file(BASE_DIR / ".env")

# --- where state lies -------------------------------------------------------------------------
DATA_DIR = env.path(
    "VIBE_DATA_DIR", BASE_DIR / "var", help="Directory of all state: database, sandboxes, sockets."
)
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)


def _run_dir() -> Path:
    """A directory for sockets; a unix socket's path may have no more than 107 bytes."""
    run = DATA_DIR / "run"
    if len(os.fsencode(run)) > 60:
        digest = sha256(os.fsencode(DATA_DIR)).hexdigest()[:16]
        run = Path(tempfile.gettempdir()) / f"vibe-{os.getuid()}-{digest}"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    if run.stat().st_uid != os.getuid() or run.is_symlink():
        raise env.SettingError(f"{run} belongs to somebody else; set VIBE_DATA_DIR to your own.")
    return run


RUN_DIR = _run_dir()


def _secret_key() -> str:
    given = env.secret("VIBE_SECRET_KEY", help="Signing key; made and kept in the data directory.")
    if given:
        return given
    file = DATA_DIR / "secret_key"
    try:
        # O_EXCL: of two processes that start together, one writes and the other reads.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(50))
    return file.read_text(encoding="ascii").strip()


SECRET_KEY = _secret_key()
DEBUG = env.flag("VIBE_DEBUG", help="Show Django's error pages; never on a public address.")
NODE_NAME = env.text("VIBE_NODE", "local", help="Name of this machine; its sandbox queue bears it.")

# --- addresses --------------------------------------------------------------------------------
HTTP_HOST = env.text("VIBE_HOST", "127.0.0.1", help="Address that the web server listens on.")
HTTP_PORT = env.integer("VIBE_PORT", 8000, help="Port that the web server listens on.")
PUBLIC_URL = (
    env.text(
        "VIBE_URL", "", help="The platform's address as browsers see it, e.g. https://vibe.example."
    )
    or f"http://127.0.0.1:{HTTP_PORT}"
)
PREVIEW_DOMAIN = env.text(
    "VIBE_PREVIEW_DOMAIN",
    "localhost",
    help="Domain below which previews live (PORT-SANDBOX.DOMAIN); never the platform's own domain.",
)
ALLOWED_HOSTS = env.listing(
    "VIBE_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", help="Host names the platform answers to."
)
_public_host = PUBLIC_URL.split("://", 1)[-1].split("/", 1)[0]
if _public_host.rsplit(":", 1)[0] not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_public_host.rsplit(":", 1)[0])
HTTPS = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL.rstrip("/")] if HTTPS else []

# --- what is installed ------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "template_partials",
    "django_htmx",
    "django_rq",
    "ninja",
    "vibe",
    "vibe.accounts",
    "vibe.api",
    "vibe.webhooks",
    "sandboxes",
    "chat",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "vibe.urls"
ASGI_APPLICATION = "vibe.asgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "vibe.page.context",
            ],
        },
    }
]

# --- database ---------------------------------------------------------------------------------
DATABASE_URL = env.secret("DATABASE_URL", help="PostgreSQL address; empty means SQLite.")
if DATABASE_URL:
    DATABASES = {
        "default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_DIR / "db.sqlite3"),
            # Threads are few and live long; opening the file costs more than most queries.
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;"
                ),
            },
            # A file, so that the threads and processes of a test see the same rows.
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        }
    }

# --- Redis and RQ -----------------------------------------------------------------------------
_external_redis = env.secret("REDIS_URL", help="External Redis or Valkey; empty means embedded.")
REDIS_SOCKET = None if _external_redis else RUN_DIR / "redis.sock"
REDIS_URL = _external_redis or f"unix://{REDIS_SOCKET}"
SANDBOX_QUEUE = f"sandboxes:{NODE_NAME}"
CHAT_QUEUE = "chat"
_RQ = {
    "URL": REDIS_URL,
    "SERIALIZER": "rq.serializers.JSONSerializer",
    "DEFAULT_TIMEOUT": 86_400,
    # redis-py 8 gives sockets five seconds by default, which ends blocking reads.
    "REDIS_CLIENT_KWARGS": {"socket_timeout": None, "max_connections": 10_000},
}
RQ_QUEUES = {SANDBOX_QUEUE: _RQ, CHAT_QUEUE: _RQ, "default": _RQ}
RQ = {"COMMIT_MODE": "on_db_commit"}

# --- accounts, sessions, headers --------------------------------------------------------------
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
SESSION_COOKIE_NAME = "__Host-vibe_session" if HTTPS else "vibe_session"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 86_400
CSRF_COOKIE_NAME = "__Host-vibe_csrf" if HTTPS else "vibe_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
_previews = f"*.{PREVIEW_DOMAIN}:*"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF, "ws:" if not HTTPS else "wss:"],
        "frame-src": [f"http://{_previews}", f"https://{_previews}"],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- sandboxes --------------------------------------------------------------------------------
ALLOW_UNISOLATED = env.flag(
    "VIBE_ALLOW_UNISOLATED", help="Agree to run commands without isolation where none works."
)
ALLOW_REDUCED = env.flag(
    "VIBE_ALLOW_REDUCED", help="Serve other machines where isolation is no better than reduced."
)
SANDBOX_TIMEOUT = env.integer(
    "VIBE_SANDBOX_TIMEOUT", 2700, help="Seconds a sandbox lives unless extended."
)
SANDBOX_TIMEOUT_MAX = env.integer(
    "VIBE_SANDBOX_TIMEOUT_MAX", 86_400, help="Most seconds a sandbox may be extended to."
)
SANDBOX_IDLE = env.integer(
    "VIBE_SANDBOX_IDLE", 1800, help="Seconds without activity after which a sandbox stops; 0: off."
)
SNAPSHOT_EXPIRATION = env.integer(
    "VIBE_SNAPSHOT_EXPIRATION", 30 * 86_400, help="Seconds a snapshot is kept; 0: for good."
)
SNAPSHOTS_PER_USER = env.integer(
    "VIBE_SNAPSHOTS_PER_USER", 100, help="Snapshots that one user may keep."
)
DRIVES_PER_USER = env.integer("VIBE_DRIVES_PER_USER", 20, help="Drives that one user may have.")
DRIVE_MAX_MB = env.integer(
    "VIBE_DRIVE_MAX_MB", 10_240, help="Size of one drive, at most and by default."
)
SANDBOXES_PER_USER = env.integer(
    "VIBE_SANDBOXES_PER_USER", 20, help="Sandboxes that one user may have running at once."
)
SANDBOX_TOOLCHAINS = env.listing(
    "VIBE_SANDBOX_TOOLCHAINS", help="Further directories that sandboxes see: /here:/opt/there,…"
)
SANDBOX_ROOT = env.optional_path(
    "VIBE_SANDBOX_ROOT", help="Directory with a root file system that sandboxes have."
)
WARM_SANDBOXES = env.integer(
    "VIBE_WARM_SANDBOXES", 2, help="Sandboxes that each node keeps started ahead; 0: none."
)
SANDBOX_LIMITS = {
    "memory_mb": env.integer("VIBE_SANDBOX_MEMORY_MB", 2048, help="Memory of one sandbox."),
    "processes": env.integer("VIBE_SANDBOX_PROCESSES", 512, help="Processes of one sandbox."),
    "cpus": env.number(
        "VIBE_SANDBOX_CPUS", 0, help="Processors of one sandbox; 0 means a fair share of all."
    ),
    "disk_mb": env.integer("VIBE_SANDBOX_DISK_MB", 4096, help="Files of one sandbox, all told."),
    "file_mb": env.integer("VIBE_SANDBOX_FILE_MB", 512, help="Size of one file in a sandbox."),
    "tmp_mb": env.integer("VIBE_SANDBOX_TMP_MB", 256, help="Size of /tmp in a sandbox."),
    "open_files": env.integer(
        "VIBE_SANDBOX_OPEN_FILES", 4096, help="Files that one process in a sandbox has open."
    ),
    "output_mb": env.integer(
        "VIBE_SANDBOX_OUTPUT_MB", 4096, help="Output after which a command is ended; 0: never."
    ),
}
SANDBOX_LIMITS_MAX = env.numbers(
    "VIBE_SANDBOX_LIMITS_MAX",
    SANDBOX_LIMITS,
    help="Most that one sandbox may ask for, e.g. memory_mb=8192,cpus=4.",
)
NETWORK_POLICY = env.text(
    "VIBE_NETWORK_POLICY",
    "registries",
    help="What a new sandbox reaches: deny-all, registries or internet.",
)
if NETWORK_POLICY not in ("deny-all", "registries", "internet"):
    raise env.SettingError(
        f"VIBE_NETWORK_POLICY is {NETWORK_POLICY!r}; it must be deny-all, registries or internet."
    )
EGRESS_ALLOW = env.listing(
    "VIBE_EGRESS_ALLOW", help="Hosts that the policy registries opens besides those found."
)
EGRESS_NETWORKS = env.listing(
    "VIBE_EGRESS_NETWORKS", help="Ranges of this machine that hosts of VIBE_EGRESS_ALLOW may use."
)
EGRESS_DISCOVERY = env.flag(
    "VIBE_EGRESS_DISCOVERY", True, help="Look for the registries that pip, npm and apt are set to."
)
COMMAND_TIMEOUT = env.integer(
    "VIBE_COMMAND_TIMEOUT", 600, help="Seconds a foreground command may take."
)
COMMAND_LOG_LIMIT = env.integer(
    "VIBE_COMMAND_LOG_LIMIT",
    64 * 1024 * 1024,
    help="Bytes of output kept of one command; of more, the start and the end are kept.",
)
LOG_RETENTION_DAYS = env.integer(
    "VIBE_LOG_RETENTION_DAYS", 30, help="Days that output of ended commands is kept; 0: for ever."
)
LOG_RETENTION_MB = env.integer(
    "VIBE_LOG_RETENTION_MB",
    10_240,
    help="MB of output kept in all; of more, the oldest is removed; 0: no limit.",
)

# --- the API ----------------------------------------------------------------------------------
API_RATE = env.integer(
    "VIBE_API_RATE", 6000, help="Requests a minute that one API key may send; 0: no limit."
)

WEBHOOK_PRIVATE = env.flag(
    "VIBE_WEBHOOK_PRIVATE", help="Let webhooks lead to private addresses and to this machine."
)

# --- models -----------------------------------------------------------------------------------
OPENAI_API_KEY = env.secret("OPENAI_API_KEY", help="Key of OpenAI or of a compatible server.")
OPENAI_BASE_URL = env.text(
    "OPENAI_BASE_URL", help="Address of an OpenAI-compatible server (Ollama, LM Studio, gateways)."
)
ANTHROPIC_API_KEY = env.secret("ANTHROPIC_API_KEY", help="Key of Anthropic.")
ANTHROPIC_BASE_URL = env.text(
    "ANTHROPIC_BASE_URL", help="Address of an Anthropic-compatible server."
)
OPENAI_MODELS = env.listing("VIBE_OPENAI_MODELS", help="Models to offer of OpenAI's wire format.")
ANTHROPIC_MODELS = env.listing("VIBE_ANTHROPIC_MODELS", help="Models to offer of Anthropic.")
DEFAULT_MODEL = env.text("VIBE_DEFAULT_MODEL", help="Model of a new conversation.")
MAX_STEPS = env.integer("VIBE_MAX_STEPS", 20, help="Model steps that one turn may take.")

# --- the rest ---------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = env.text("VIBE_TIME_ZONE", "UTC", help="Time zone of the pages.")
USE_I18N = False
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
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
