"""Names of the platform and of previews: which browsers take for one site, and which for safe.

Plain functions of text, for the settings, for `up` and for whoever answers a request.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

# Browsers lead every name below "localhost" to their own machine; one label more makes the
# workbench and its previews one site.
LOCAL_SITE = "vibe.localhost"
LOCAL_HOST = f"app.{LOCAL_SITE}"


def base_url(host: str, port: int) -> str:
    """The platform's address for a browser, from the address that the web server listens on.

    What browsers take "localhost" for becomes a name below it, which shares a site with previews.
    """
    host = host.strip("[]")
    if host in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::"):  # noqa: S104 - nothing binds here
        host = LOCAL_HOST
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def host_of(url: str) -> str:
    """Host name of a URL in small letters, an IPv6 address in brackets; empty if there is none."""
    name = (urlsplit(url).hostname or "").rstrip(".")
    return f"[{name}]" if ":" in name else name


def preview_domain_for(url: str) -> str:
    """The domain below which previews live if nobody says otherwise: of the platform's own site.

    `app.vibe.example` has its previews beside it, `vibe.example` below `preview.vibe.example`.
    An address without names (an IP, a bare `localhost`) can have none of the same site.
    """
    host = host_of(url)
    if is_address(host) or "." not in host:
        return LOCAL_SITE
    first, _, rest = host.partition(".")
    return rest if first == "app" and "." in rest else f"preview.{host}"


def site_of(host: str) -> str:
    """What a browser takes for the site of `host`, as far as that can be known without the list of
    public suffixes: the last two labels, or three where the last two look like one (`co.uk`)."""
    if is_address(host):
        return host
    labels = host.lower().rstrip(".").split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if short else labels[-2:])


def is_address(host: str) -> bool:
    """Whether `host` is an IP address, which has no sub-domains."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def preview_origin(url: str, domain: str, sandbox: str, port: int | str) -> str:
    """Where a browser finds a port of a sandbox: a host of its own below the preview domain, by the
    scheme and the port of the platform's own address. The one place that knows the form."""
    parts = urlsplit(url)
    colon = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{port}-{sandbox}.{domain}{colon}"


def for_programs(url: str) -> str:
    """The same place by an address that programs find: unlike browsers, many look `x.localhost`
    up in the DNS."""
    parts = urlsplit(url)
    if not host_of(url).endswith(".localhost"):
        return url
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"127.0.0.1{port}").geturl()
