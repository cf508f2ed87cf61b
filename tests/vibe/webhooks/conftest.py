"""A receiver of messages, and the courier that brings them, beside the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.fixtures.waiting import until
from tests.vibe.webhooks.receivers import Receiver
from vibe.accounts.models import User
from vibe.webhooks.courier import Courier
from vibe.webhooks.models import Webhook, WebhookDelivery
from vibe.webhooks.services import endpoints


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
    """deliver(message) -> the same with the outcome of an attempt: of the next one, if it has none
    yet."""

    def attempt(message: WebhookDelivery) -> WebhookDelivery:
        courier.wake(message.webhook.owner_id)

        def settled() -> bool:
            message.refresh_from_db()
            return bool(message.ended_at or message.error)

        until(settled)
        return message

    return attempt
