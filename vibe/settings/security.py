"""Sign-in, cookies and headers."""

from __future__ import annotations

from csp.constants import NONCE, NONE, SELF

from vibe import env
from vibe.settings.addresses import HTTPS, PREVIEW_DOMAIN

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
# Names within the process. Browsers hold these cookies by others, which only the platform's own
# host can set; vibe/web/cookie_names.py changes them on the way, and adds Secure.
SESSION_COOKIE_NAME = "vibe_session"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 86_400
CSRF_COOKIE_NAME = "vibe_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
# Says that this browser has seen the welcome.
WELCOME_COOKIE_NAME = "vibe_welcome"
WELCOME_COOKIE_AGE = 30 * 86_400
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
        "connect-src": [SELF],  # and sockets there: vibe/web/private_answers.py
        # Itself too, because a preview's frame may be led through the platform; none is shown.
        "frame-src": [SELF, f"http://{_previews}", f"https://{_previews}"],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
METRICS_TOKEN = env.secret(
    "VIBE_METRICS_TOKEN", help="Bearer token for /metrics; empty: only this machine may read it."
)
