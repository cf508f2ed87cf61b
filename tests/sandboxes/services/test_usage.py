"""Samples of what sandboxes use: kept for an hour, taken while somebody looks."""

from __future__ import annotations

import time

import pytest

from sandboxes.models import Sandbox
from sandboxes.rendering.usage import plots
from sandboxes.services import usage
from sandboxes.services.usage import Sample
from tests.fixtures.rows import make_sandbox
from tests.fixtures.waiting import until
from vibe.accounts.models import User


@pytest.fixture
def idle(db: None) -> Sandbox:
    return make_sandbox(User.objects.create_user("alice"), status="stopped")


def samples(count: int, step: float = 2.0) -> list[Sample]:
    start = time.time() - count * step
    return [Sample(start + n * step, n / 10, n * 1000, None, 1.5) for n in range(count)]


def test_samples_come_back_in_order(idle):
    made = samples(5)
    usage.record((idle.pk, sample) for sample in made)
    found = usage.recent(idle)
    assert [(one.cpu, one.memory, one.disk, one.network) for one in found] == [
        (one.cpu, one.memory, None, 1.5) for one in made
    ]


def test_samples_older_than_an_hour_go(idle):
    old = Sample(time.time() - 3700, 1.0, 1, 1, 1.0)
    usage.record([(idle.pk, old), (idle.pk, Sample(time.time(), 2.0, 2, 2, 2.0))])
    assert [one.cpu for one in usage.recent(idle, 7200)] == [2.0]


def test_who_looks_is_known_for_a_while(idle):
    assert usage.watched([idle.pk, "other"]) == set()
    usage.watch(idle.pk)
    assert usage.watched([idle.pk, "other"]) == {idle.pk}


def test_a_plot_breaks_where_there_were_no_samples(idle):
    now = time.time()
    made = [Sample(now - age, 0.5, 1, 1, None) for age in (300, 298, 100, 98)]
    drawn = plots(idle, made, now)
    assert [plot.name for plot in drawn] == ["CPU", "Memory", "Disk"]
    assert drawn[0].line.count("M") == 2
    assert (drawn[0].value, drawn[0].peak) == ("50 %", "50 %")


@pytest.mark.sandbox
def test_a_running_sandbox_is_sampled_while_somebody_looks(sandbox):

    def sampled() -> bool:
        usage.watch(sandbox.pk)
        return any(one.cpu is not None for one in usage.recent(sandbox))

    until(sampled)
    newest = usage.recent(sandbox)[-1]
    assert newest.memory and newest.memory > 1_000_000


@pytest.mark.sandbox
def test_the_panel_shows_figures_to_the_owner_only(sandbox, client, django_user_model):
    usage.record((sandbox.pk, sample) for sample in samples(5))
    client.force_login(sandbox.owner)
    page = client.get(f"/sandboxes/{sandbox.pk}/usage/").content.decode()
    assert "40 %" in page
    assert "<path" in page
    client.force_login(django_user_model.objects.create_user("mallory"))
    assert client.get(f"/sandboxes/{sandbox.pk}/usage/").status_code == 404
