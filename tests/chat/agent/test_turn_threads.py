"""What a turn's threads leave behind."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from django.db import connection, connections

from chat.agent.turn_threads import TurnThreads
from chat.models import Turn


def test_the_threads_of_a_turn_keep_no_connection(transactional_db: None) -> None:
    opened: list[Any] = []
    together = threading.Barrier(3)

    def ask() -> None:
        together.wait(10)  # so that three threads are needed
        Turn.objects.count()
        opened.append(connections[connection.alias])

    async def turn() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(TurnThreads())
        await asyncio.gather(*(asyncio.to_thread(ask) for _ in range(3)))

    asyncio.run(turn())

    assert [one.connection for one in opened] == [None] * 3
