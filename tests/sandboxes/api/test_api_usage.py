"""What a sandbox uses, for programs."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from sandboxes.models import Sandbox
from sandboxes.services import usage
from sandboxes.services.usage import Sample
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User


def url(sandbox: Sandbox, query: str = "") -> str:
    return f"/api/v1/sandboxes/{sandbox.pk}/usage{query}"


def sampled(sandbox: Sandbox, *ages: float) -> None:
    now = time.time()
    usage.record((sandbox.pk, Sample(now - age, 0.5, 1000, None, 20.0)) for age in ages)


def test_it_tells_now_the_limits_and_the_last_minutes(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    sampled(sandbox, 900, 20, 5)
    found = as_alice.get(url(sandbox)).json()
    most = usage.ceilings(sandbox)
    assert found["running"] is True
    assert found["limits"] == {
        "cpu": most.cpu, "memory_bytes": most.memory, "disk_bytes": most.disk
    }  # fmt: skip
    assert found["now"] == found["samples"][1]
    assert {**found["now"], "at": None} == {
        "at": None, "cpu": 0.5, "memory_bytes": 1000, "disk_bytes": None,
        "network_bytes_per_second": 20.0,
    }  # fmt: skip


def test_a_longer_time_can_be_asked_for(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    sampled(sandbox, 900, 5)
    assert len(as_alice.get(url(sandbox, "?seconds=1000")).json()["samples"]) == 2


@pytest.mark.parametrize("seconds", ["0", "-1", "3601", "nan", "soon"])
def test_a_time_that_makes_no_sense_is_refused(as_alice: Client, alice: User, seconds: str) -> None:
    answer = as_alice.get(url(make_sandbox(alice), f"?seconds={seconds}"))
    assert answer.status_code == 422


def test_whoever_asks_has_samples_taken_often(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    as_alice.get(url(sandbox))
    assert usage.watched([sandbox.pk]) == {sandbox.pk}


def test_a_stopped_sandbox_uses_nothing_now(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice, status="stopped")
    sampled(sandbox, 5)
    found = as_alice.get(url(sandbox)).json()
    assert (found["running"], found["now"], len(found["samples"])) == (False, None, 1)
    assert usage.watched([sandbox.pk]) == set()


def test_somebody_elses_is_not_there(as_bob: Client, alice: User) -> None:
    assert as_bob.get(url(make_sandbox(alice))).status_code == 404
