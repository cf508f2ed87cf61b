"""What Django is made of here: apps, middleware, templates, static files, language."""

from __future__ import annotations

from vibe import env
from vibe.settings.state import BASE_DIR, DATA_DIR, DEBUG, RUN_DIR

RELOAD = env.flag("VIBE_RELOAD", help="Read templates anew and have pages reload; for `up`.")
# Its content changes whenever open pages should reload.
RELOAD_FILE = RUN_DIR / "reload"
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
    "vibe.web.known_host.KnownHost",
    "django.middleware.security.SecurityMiddleware",
    "vibe.web.kept_answers.KeptAnswers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vibe.web.compressed_pages.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "vibe.web.private_answers.PrivateAnswers",
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
# Left out otherwise: template_partials then adds its own, which keep what they have read.
FRESH_TEMPLATES = {
    "loaders": [
        (
            "template_partials.loader.Loader",
            [
                "django.template.loaders.filesystem.Loader",
                "django.template.loaders.app_directories.Loader",
            ],
        )
    ]
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": not RELOAD,
        "OPTIONS": {
            **(FRESH_TEMPLATES if RELOAD else {}),
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "vibe.template_context.of_page",
            ],
        },
    }
]

# Not in a cookie: its name, "messages", is that of every Django app, those in previews too.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LANGUAGE_CODE = "en"
TIME_ZONE = env.text("VIBE_TIME_ZONE", "UTC", help="Time zone of the pages.")
USE_I18N = False
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG or RELOAD
