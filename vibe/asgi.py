"""The one entry of every request: previews by their host first, then pages and WebSockets."""

from __future__ import annotations

import os

import django
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibe.settings")
django.setup(set_prefix=False)

# What follows imports models, so Django has to be set up before.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from chat.routing import websocket_urlpatterns as chat_sockets  # noqa: E402
from sandboxes.host import isolation  # noqa: E402
from sandboxes.preview.asgi import PreviewApplication  # noqa: E402
from sandboxes.preview.quick import road  # noqa: E402
from sandboxes.routing import program_urlpatterns as program_sockets  # noqa: E402
from sandboxes.routing import websocket_urlpatterns as sandbox_sockets  # noqa: E402
from vibe.turned_away import turned_away  # noqa: E402
from vibe.web.daphne_seam import (  # noqa: E402
    CutBrokenResponses,
    answer_large_heads,
    keep_bodies_on_disk,
    lend_connections,
    refuse_encryption,
)
from vibe.web.front_door import FrontDoor  # noqa: E402
from vibe.web.handler import PagesHandler  # noqa: E402
from vibe.web.websocket_gate import AnyOrigin, SameOrigin, not_found, socket_route  # noqa: E402

pages = PagesHandler(turned_away)
own_sockets = URLRouter([*sandbox_sockets, *chat_sockets, socket_route(r"", not_found)])
sockets = URLRouter(
    [
        socket_route(r"^vercel/", AnyOrigin(URLRouter(program_sockets))),
        socket_route(r"", SameOrigin(AuthMiddlewareStack(own_sockets))),
    ]
)


async def lifespan(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer the server's start and stop messages; there is nothing to do at either."""
    while True:
        event = await receive()
        if event["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif event["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return


keep_bodies_on_disk()
lend_connections(road.take)
refuse_encryption()
answer_large_heads()
application = CutBrokenResponses(
    PreviewApplication(
        FrontDoor(
            ProtocolTypeRouter(
                {
                    "http": pages,
                    "websocket": sockets,
                    "lifespan": lifespan,
                }
            )
        )
    )
)

isolation.look_ahead()
