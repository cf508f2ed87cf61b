"""A receiver of messages, and the courier that brings them, beside the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.fixtures.waiting import until
from vibe.accounts.models import User
from vibe.webhooks.courier import Courier
from vibe.webhooks.models import Webhook, WebhookDelivery
from vibe.webhooks.services import deliveries, endpoints


class Receiver:
    """A program that listens; `status` is what it answers."""

    def __init__(self) -> None:
        self.status = 204
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Nothing to tell."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def hook(alice: User, receiver: Receiver, settings) -> Webhook:
    settings.WEBHOOK_PRIVATE = True
    return endpoints.create(alice, receiver.url)


@pytest.fixture
def courier(transactional_db: None) -> Iterator[Courier]:
    found = Courier()
    yield found
    found.close()


Deliver = Callable[[WebhookDelivery], WebhookDelivery]


@pytest.fixture
def deliver(courier: Courier) -> Deliver:
    """deliver(message) -> the same after one attempt, when one was due."""

    def attempt(message: WebhookDelivery) -> WebhookDelivery:
        due = message.webhook.owner_id in deliveries.owners_waiting()
        if due:
            WebhookDelivery.objects.filter(pk=message.pk).update(error="")
        courier.wake(message.webhook.owner_id)

        def settled() -> bool:
            message.refresh_from_db()
            return bool(message.ended_at or message.error)

        if due:
            until(settled)
        return message

    return attempt
