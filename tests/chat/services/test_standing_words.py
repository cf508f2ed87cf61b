"""Which of a person's words stay word for word when a conversation is summed up."""

from __future__ import annotations

import pytest

from chat.services.context.standing_words import kept, rules_in

ROOM = 4_000


@pytest.mark.parametrize(
    "rule",
    [
        "Always use tabs.",
        "Never touch legacy.py!",
        "Don’t add packages",
        "You must not rename the tables.",
        "From now on answer in French.",
        "Leave the config file alone.",
        "Bitte immer mit Tabs einrücken.",
        "N'utilise jamais jQuery.",
        "Usa siempre Flask.",
    ],
)
def test_a_sentence_that_sounds_like_a_rule_is_one(rule):
    assert rules_in(f"Build a shop. {rule}\nThanks for that") == [rule]


def test_an_ordinary_request_has_no_rules():
    assert rules_in("Build a shop. The button is blue. What is the time?") == []


def test_rules_stay_where_messages_have_no_room():
    found = kept(["Always use tabs. " + "Words. " * 2_000] + ["More. " * 300] * 20, ROOM)
    assert found.rules == ["Always use tabs."]
    assert sum(map(len, found.rules + found.said)) <= ROOM


def test_of_messages_the_first_and_the_newest_stay():
    found = kept([f"Message {number} " + "x" * 500 for number in range(50)], ROOM)
    numbers = [int(said.split()[1]) for said in found.said]
    assert numbers[0] == 0 and numbers[1:] == list(range(50 - len(numbers) + 1, 50))


def test_of_too_many_rules_the_first_and_the_newest_stay():
    rules = [f"Always do thing number {number:03}." for number in range(200)]
    found = kept(rules, ROOM)
    assert found.rules[0] == rules[0] and found.rules[-1] == rules[-1]
    assert len(found.rules) < len(rules)


def test_rules_of_an_earlier_summary_come_first_and_once():
    found = kept(["Always use tabs."], ROOM, rules=["Never use jQuery.", "Always use tabs."])
    assert found.rules == ["Never use jQuery.", "Always use tabs."]


def test_a_message_that_is_too_long_is_cut_and_says_so():
    assert kept(["x" * 100_000], 10_000).said[0].endswith("[…]")
