"""What turns leave behind is checked by the platform, with a real browser in a real sandbox."""

from __future__ import annotations

import pytest

from chat.models import Check, Version
from chat.services.checking import pictures

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.slow]

GOOD = """<!doctype html><title>Counter</title><h1>Counter</h1><p id=n>0</p>
<button onclick="n.textContent = Number(n.textContent) + 1">Count up</button>"""
TEST = """import unittest
class Sums(unittest.TestCase):
    def test_a_sum(self):
        self.assertEqual(1 + 1, 3)
"""
FAKE = """<!doctype html><title>Shop</title><h1>Shop</h1><button>Add to cart</button>"""


def test_a_turn_ends_checked_or_failed_by_what_the_app_does(checked, owner):
    good = checked({"index.html": GOOD})
    assert (good.status, good.port) == (Check.Status.CHECKED, 3000), (good.reason, good.steps)
    assert pictures.picture(owner, good.pk, "after")[:2] == b"\xff\xd8"
    fake = checked({"index.html": FAKE})
    assert fake.status == Check.Status.FAILED
    assert fake.reason == "Button “Add to cart”: No reaction: nothing listens to it."
    assert pictures.pictures_of(fake) == ["after", "before", "small", "before-small"]
    assert Version.objects.filter(checks=fake).count() == 1
    planned = checked(
        {"index.html": GOOD + "<p>More"},
        [{"do": "click", "target": "Count up"}, {"do": "expect_text", "text": "2"}],
    )
    assert (planned.status, planned.steps[-1]["what"]) == (Check.Status.FAILED, "See “2”")
    tested = checked({"index.html": GOOD, "test_app.py": TEST})
    assert tested.status == Check.Status.FAILED
    assert tested.reason.startswith("tests: Exit 1")
