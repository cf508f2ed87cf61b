"""A conversation of 200 turns and 2,000 parts, as the server sees it."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from tests.benchmarks import numbers
from tests.fixtures.rows import long_conversation

pytestmark = pytest.mark.benchmark
OPENED = 11


def test_opening_a_long_conversation(owner, table) -> None:
    client = Client()
    client.force_login(owner)
    passed: dict[int, list[float]] = {}
    worked: dict[int, list[float]] = {}
    for turns in (200, 5):
        address = f"/c/{long_conversation(owner, turns=turns, parts=10).pk}/"
        assert client.get(address).status_code == 200  # what is made once is made
        passed[turns], worked[turns] = [], []
        for _ in range(OPENED):
            start, begun = time.perf_counter(), time.process_time()
            client.get(address)
            passed[turns].append(time.perf_counter() - start)
            worked[turns].append(time.process_time() - begun)
    table.times(numbers.LONG_THREAD, "", passed[200], "one of 5 turns", passed[5])
    table.times(numbers.LONG_THREAD_CPU, "", worked[200], "one of 5 turns", worked[5])
