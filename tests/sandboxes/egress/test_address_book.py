"""Addresses that stand for names: bounded, and never two names at one address at a time."""

from __future__ import annotations

from ipaddress import IPv4Address

from sandboxes.engine.egress.direct.address_book import RANGE, AddressBook


def test_a_name_keeps_its_address():
    book = AddressBook()
    first = book.address_of("one.test")
    book.address_of("two.test")
    assert book.address_of("one.test") == first
    assert book.name_of(first) == "one.test"


def test_two_names_have_two_addresses_of_the_range():
    book = AddressBook()
    one, two = book.address_of("one.test"), book.address_of("two.test")
    assert one != two
    assert one in RANGE and two in RANGE


def test_an_address_outside_the_range_stands_for_no_name():
    assert AddressBook().name_of(IPv4Address("192.0.2.1")) is None


def test_the_name_that_nobody_has_wanted_for_longest_makes_room():
    book = AddressBook(most=2, fresh=0)
    old = book.address_of("old.test")
    book.address_of("other.test")
    book.address_of("new.test")
    assert len(book) == 2
    assert book.name_of(old) is None


def test_an_address_that_is_in_use_stays():
    book = AddressBook(most=2, fresh=0)
    used = book.address_of("used.test")
    with book.in_use("used.test"):
        for number in range(10):
            book.address_of(f"n{number}.test")
        assert book.name_of(used) == "used.test"


def test_there_is_no_room_while_every_name_was_just_asked_for():
    """A program may still have the address that it was given a moment ago."""
    book = AddressBook(most=2, fresh=60)
    book.address_of("one.test")
    book.address_of("two.test")
    assert book.address_of("three.test") is None


def test_an_address_that_was_given_up_waits_for_its_own_name():
    """A program may have kept it."""
    book = AddressBook(most=1, fresh=0)
    seen = {book.address_of(f"n{number}.test") for number in range(5000)}
    assert len(seen) == 5000
    assert book.address_of("n7.test") in seen


def test_a_name_has_the_same_address_when_the_book_was_lost():
    """Else what a program has kept would mean another host after a restart."""
    before = {f"n{number}.test": AddressBook().address_of(f"n{number}.test") for number in range(9)}
    book = AddressBook()
    for name in reversed(before):
        assert book.address_of(name) == before[name]


def test_a_connection_to_a_name_that_is_over_makes_room_again():
    book = AddressBook(most=1, fresh=0)
    book.address_of("used.test")
    with book.in_use("used.test"):
        assert book.address_of("next.test") is None
    assert book.address_of("next.test") is not None
