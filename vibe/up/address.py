"""What a browser on this machine calls the place where the platform listens."""

from __future__ import annotations

import ipaddress


def base_url(host: str, port: int) -> str:
    """`http://HOST:PORT` as a browser here can open it; a wildcard address becomes loopback."""
    host = host.strip("[]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if address.is_unspecified:
        return f"http://127.0.0.1:{port}"
    return f"http://[{host}]:{port}" if address.version == 6 else f"http://{host}:{port}"
