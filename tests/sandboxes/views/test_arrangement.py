"""Panels that come anew keep to how their owner has arranged them."""

from __future__ import annotations

import re

import pytest

from sandboxes.rendering.panels import stage_partials
from tests.fixtures.rows import make_sandbox

pytestmark = pytest.mark.django_db


def chosen(html: str) -> set[str]:
    """Which of preview, code and changes is said to be chosen."""
    return set(re.findall(r'data-tab-button="(\w+)"\s+aria-selected="true"', html))


@pytest.mark.parametrize("tab", ["preview", "code", "changes"])
def test_the_stage_of_a_new_sandbox_says_which_tab_its_owner_looks_at(alice, tab):
    alice.preferences = {"tab": tab, "panel": "terminal"}
    alice.save()
    assert chosen(stage_partials(make_sandbox(alice))) == {tab}


def test_the_stage_keeps_the_height_that_its_owner_gave_it(alice):
    alice.preferences = {"panes": {"top": 41.0}}
    alice.save()
    assert 'aria-valuenow="41"' in stage_partials(make_sandbox(alice))
