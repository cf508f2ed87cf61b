"""The WebSockets of this app."""

from __future__ import annotations

from django.urls import URLPattern, path

from sandboxes.consumers.log import LogConsumer
from sandboxes.consumers.sandbox import SandboxConsumer
from sandboxes.consumers.terminal import TerminalConsumer

websocket_urlpatterns: list[URLPattern] = [
    path("ws/commands/<str:command_id>/log/", LogConsumer.as_asgi()),
    path("ws/sandboxes/<str:sandbox_id>/", SandboxConsumer.as_asgi()),
    path("ws/terminals/<str:terminal_id>/", TerminalConsumer.as_asgi()),
]
