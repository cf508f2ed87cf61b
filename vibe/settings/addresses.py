"""Where the platform listens, and the names under which browsers know it."""

from __future__ import annotations

from vibe import addresses, env

HTTP_HOST = env.text("VIBE_HOST", "127.0.0.1", help="Address that the web server listens on.")
HTTP_PORT = env.integer("VIBE_PORT", 8000, help="Port that the web server listens on.")
PUBLIC_URL = env.text(
    "VIBE_URL", "", help="The platform's address as browsers see it, e.g. https://vibe.example."
) or addresses.base_url(HTTP_HOST, HTTP_PORT)
PUBLIC_HOST = addresses.host_of(PUBLIC_URL)
if not PUBLIC_URL.startswith(("http://", "https://")) or not PUBLIC_HOST:
    raise env.SettingError(
        f"VIBE_URL is {PUBLIC_URL!r}; it must begin with http:// or https:// and name a host."
    )
PREVIEW_DOMAIN = (
    env.text(
        "VIBE_PREVIEW_DOMAIN", "", help="Domain below which previews live (PORT-SANDBOX.DOMAIN)."
    )
    or addresses.preview_domain_for(PUBLIC_URL)
).lower()
# By these names programs on this machine ask, `up` itself among them.
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = list(
    dict.fromkeys(
        [
            *LOOPBACK_HOSTS,
            PUBLIC_HOST,
            *env.listing("VIBE_ALLOWED_HOSTS", help="Further host names that it answers to."),
        ]
    )
)
TRUSTED_PROXIES = env.integer(
    "VIBE_TRUSTED_PROXIES", 0, help="Reverse proxies in front whose X-Forwarded-For is believed."
)
HTTPS = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL.rstrip("/")] if HTTPS else []
