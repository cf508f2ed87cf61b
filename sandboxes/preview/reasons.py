"""What a preview shows in place of the app: why, and what to do. A page of its own, or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape

from asgiref.typing import ASGISendCallable
from django.conf import settings
from django.utils.text import capfirst

from sandboxes.preview.access import Access
from sandboxes.preview.headers import Headers
from sandboxes.preview.host import Target

STYLE = """
:root{color-scheme:light dark;--bg:oklch(98.5% .003 250);--text:oklch(24% .015 250);
--muted:oklch(46% .015 250);--line:oklch(90% .006 250);--accent:oklch(48% .13 250)}
@media(prefers-color-scheme:dark){:root{--bg:oklch(19% .012 250);--text:oklch(93% .006 250);
--muted:oklch(72% .012 250);--line:oklch(31% .012 250);--accent:oklch(76% .11 250)}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;
background:var(--bg);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:34rem;padding:24px}h1{font-size:20px;font-weight:600;margin:0 0 8px}
p{margin:0 0 8px;color:var(--muted)}a{color:var(--accent)}
ul{margin:16px 0 0;padding:0;list-style:none;border-top:1px solid var(--line)}
li{padding:4px 0;border-bottom:1px solid var(--line)}
code,li{font-family:ui-monospace,monospace;font-size:14px;font-variant-numeric:tabular-nums}
""".strip().replace("\n", "")


@dataclass(frozen=True)
class Reason:
    """Why there is no preview. `reload`: seconds after which the page asks again (0: never)."""

    status: int
    code: str
    title: str
    hint: str
    reload: int = 0
    ports: tuple[int, ...] = ()
    link: tuple[str, str] = ("", "")  # address, words


BAD_HOST = Reason(
    404,
    "not_found",
    "There is no preview at this address",
    "A preview's address is PORT-SANDBOX before the domain, with a port from 1024 to 65535. "
    "Open the preview from the workbench.",
)
BAD_REQUEST = Reason(
    400,
    "invalid",
    "This request cannot be passed on",
    "Its length is given in more than one way, or its path is not a path.",
)
TOO_MANY = Reason(
    503,
    "limit",
    "This sandbox is busy",
    "Too many requests to it are under way at once. The page tries again by itself.",
    reload=2,
)
NO_ANSWER = Reason(
    504,
    "timeout",
    "The sandbox does not answer",
    "It is said to run, but could not be reached in time. The page tries again by itself.",
    reload=2,
)
BROKEN = Reason(
    502,
    "bad_response",
    "The server gave no proper answer",
    "It listens, but it closed the connection or did not speak HTTP. Its log says more.",
)
UNKNOWN = Reason(
    404,
    "not_found",
    "There is no such sandbox",
    "It was deleted, or the address is not complete.",
)


def of_sandbox(access: Access) -> Reason:
    """Why a sandbox that does not run shows nothing."""
    link = (
        f"{settings.PUBLIC_URL.rstrip('/')}/sandboxes/{access.sandbox_id}/",
        "Open the sandbox",
    )
    if access.status == "pending":
        return Reason(
            503,
            "not_running",
            f"The sandbox {access.name} is starting",
            "The page opens by itself when it runs.",
            reload=1,
        )
    if access.status == "failed":
        return Reason(
            503,
            "not_running",
            f"The sandbox {access.name} could not start",
            access.error or "Its page says more.",
            link=link,
        )
    return Reason(
        410,
        "not_running",
        f"The sandbox {access.name} is stopped",
        f"{capfirst(access.why)}. Its files are kept: resume it, and start the server again.",
        reload=5,
        link=link,
    )


def closed_port(port: int, listening: tuple[int, ...]) -> Reason:
    """Nothing listens on the port that was asked for, perhaps not yet."""
    hint = "The page opens by itself as soon as a server listens there."
    if listening:
        hint += " These ports have one:"
    return Reason(
        502,
        "port_closed",
        f"Nothing is listening on port {port} yet",
        hint,
        reload=2,
        ports=listening,
    )


def wants_json(headers: Headers) -> bool:
    accept = b",".join(value for name, value in headers if name.lower() == b"accept").lower()
    return b"application/json" in accept and b"text/html" not in accept


async def send_page(
    reason: Reason,
    headers: Headers,
    send: ASGISendCallable,
    *,
    target: Target | None = None,
    scheme: str = "http",
) -> None:
    """Answer a request with `reason`; `headers` are the request's."""
    if wants_json(headers):
        kind, body = b"application/json", _json(reason)
    else:
        host = next((v.decode("latin-1") for n, v in headers if n.lower() == b"host"), "")
        kind, body = b"text/html; charset=utf-8", _html(reason, target, scheme, host)
    await send(
        {
            "type": "http.response.start",
            "status": reason.status,
            "headers": [
                (b"content-type", kind),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
                (b"referrer-policy", b"same-origin"),
                (b"x-content-type-options", b"nosniff"),
                (b"x-robots-tag", b"noindex"),
                *([(b"retry-after", str(reason.reload).encode())] if reason.reload else []),
            ],
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _json(reason: Reason) -> bytes:
    error: dict[str, object] = {
        "code": reason.code,
        "message": f"{reason.title}.",
        "hint": reason.hint,
    }
    if reason.code == "port_closed":
        error["ports"] = list(reason.ports)
    return json.dumps({"error": error}).encode()


def _html(reason: Reason, target: Target | None, scheme: str, host: str) -> bytes:
    refresh = f'<meta http-equiv="refresh" content="{reason.reload}">' if reason.reload else ""
    more = ""
    if reason.ports and target:
        rows = "".join(
            f'<li><a href="{escape(f"{scheme}://{_other_port(host, target, port)}/")}">{port}</a>'
            for port in reason.ports
        )
        more = f"<ul>{rows}</ul>"
    if reason.link[0]:
        more += f'<p><a href="{escape(reason.link[0])}" target="_top">{reason.link[1]}</a></p>'
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">{refresh}'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(reason.title)}</title><style>{STYLE}</style>"
        f"<main><h1>{escape(reason.title)}</h1><p>{escape(reason.hint)}</p>{more}</main></html>"
    ).encode()


def _other_port(host: str, target: Target, port: int) -> str:
    return host.lower().replace(f"{target.port}-", f"{port}-", 1)
