"""The WebSockets of this app."""

from __future__ import annotations

from django.urls import URLPattern, path

from sandboxes.consumers.log import LogConsumer
from sandboxes.consumers.sandbox import SandboxConsumer
from sandboxes.consumers.terminal import TerminalConsumer
from sandboxes.vercel.interactive import InteractiveConsumer
from vibe.web.websocket_gate import not_found, socket_route

# Below /vercel/: of programs, which send no Origin and bring a token instead of a session.
program_urlpatterns: list[URLPattern] = [
    path("interactive/<str:session_id>", InteractiveConsumer.as_asgi()),
    socket_route(r"", not_found),
]
websocket_urlpatterns: list[URLPattern] = [
    path("ws/commands/<str:command_id>/log/", LogConsumer.as_asgi()),
    path("ws/sandboxes/<str:sandbox_id>/", SandboxConsumer.as_asgi()),
    path("ws/terminals/<str:terminal_id>/", TerminalConsumer.as_asgi()),
]
