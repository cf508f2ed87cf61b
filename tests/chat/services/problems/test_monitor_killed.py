"""SIGKILL of Valkey and of the chat worker while the error monitor decides: each decision once."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import time

import pytest

from tests.fixtures.length import length
from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until

pytestmark = pytest.mark.battery

KILLS, CONVERSATIONS = length(2, 20), length(4, 30)
# Errors as their servers have printed them; the monitor reads, waits ten seconds, and decides.
PLANT = f"""
from django.utils import timezone
from tests.fixtures.problems import TRACEBACK, built, server
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User
me = User.objects.get(username="program")
for number in range({CONVERSATIONS}):
    box = make_sandbox(me, name=f"box {{number}}")
    built(me, box)
    server(box, TRACEBACK)
"""
COUNT = """
import json
from chat.models import Conversation, Problem
told = []
ours = Conversation.objects.filter(sandbox__name__startswith="box ")  # others share the platform
for one in ours.filter(problems__isnull=False).distinct():
    fixes = one.problem_decisions.filter(action="fix").count()
    told.append([one.problems.count(), fixes, one.turns.filter(origin="monitor").count()])
undecided = Problem.objects.filter(conversation__in=ours, status="open", decided_at=None).count()
print("TOLD", json.dumps([undecided, told]))
"""


def test_each_error_is_decided_on_once_whoever_is_killed(platform: Platform, program: Client):
    dice = random.Random(20261130)
    platform.manage("shell", "-c", PLANT)

    def told() -> list:
        return json.loads(re.search("TOLD (.*)", platform.manage("shell", "-c", COUNT))[1])

    for number in range(KILLS):
        victim = platform.child("worker chat" if number % 2 else "valkey-server")
        os.kill(victim, signal.SIGKILL)
        until(lambda victim=victim: victim not in platform.children())
        platform.until_ready()
        time.sleep(dice.random() * 6)  # a moment of its rounds, by chance
    until(lambda: (all_ := told())[0] == 0 and len(all_[1]) == CONVERSATIONS, told, 120)
    assert told()[1] == [[1, 1, 1]] * CONVERSATIONS
