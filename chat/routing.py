"""The WebSockets of this app."""

from __future__ import annotations

from django.urls import URLPattern, path

from chat.consumers import ConversationConsumer

websocket_urlpatterns: list[URLPattern] = [
    path("ws/conversations/<str:conversation_id>/", ConversationConsumer.as_asgi()),
]
