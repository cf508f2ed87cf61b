"""Where the platform listens, and the names under which browsers know it."""

from __future__ import annotations

from vibe import env

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
TRUSTED_PROXIES = env.integer(
    "VIBE_TRUSTED_PROXIES", 0, help="Reverse proxies in front whose X-Forwarded-For is believed."
)
HTTPS = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL.rstrip("/")] if HTTPS else []
