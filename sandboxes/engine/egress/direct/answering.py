"""What the name server of a sandbox says."""

from __future__ import annotations

import asyncio
import time
from ipaddress import ip_address
from typing import Protocol

from ...link import ends
from ..domains import as_address, normal_host
from ..resolver import NameUnknown, Resolver
from . import dns
from .address_book import ANSWER_SECONDS, AddressBook
from .dns import Code, Kind, Question

OWN_NAME = "sandbox"
HERE: dict[int, str] = {Kind.A: "127.0.0.1", Kind.AAAA: "::1"}
OWN_ADDRESSES = {HERE[Kind.A]: "localhost", ends.ADDRESS: OWN_NAME}
EMPTY = (Kind.AAAA, Kind.SVCB, Kind.HTTPS)
# Further ones of a sandbox are dropped, as a busy server does; programs ask again.
EACH_SECOND, AT_ONCE = 300.0, 600.0
MOST_WAITING = 64


class Door(Protocol):
    """What decides over a sandbox's connections, and keeps a journal of them."""

    look_ups: asyncio.Semaphore

    async def may_reach(self, name: str) -> bool: ...

    def is_answered_for(self, name: str) -> bool: ...

    def note(self, host: str, port: int, allowed: bool, reason: str) -> None: ...


class Answering:
    """Only names that the policy lets out are looked up outside, so that a question carries nothing
    to anybody else. The others get an address too, where a connection is refused in words."""

    def __init__(self, door: Door, book: AddressBook, resolver: Resolver) -> None:
        self._door = door
        self._book = book
        self._resolver = resolver
        self._left = AT_ONCE
        self._at = time.monotonic()
        self._waiting = 0

    def is_too_much(self) -> bool:
        """Of one more question now; it counts."""
        now = time.monotonic()
        self._left = min(AT_ONCE, self._left + (now - self._at) * EACH_SECOND)
        self._at = now
        if self._left < 1:
            self._door.note(OWN_NAME, 53, False, "more questions for names than are answered")
            return True
        self._left -= 1
        return False

    async def answer(self, data: bytes) -> bytes | None:
        try:
            question = dns.read(data)
        except dns.NoQuestion:
            return None
        if question.problem:
            return dns.written(question, question.problem)
        if question.kind == Kind.PTR:
            return self._name_of_address(question)
        try:
            name = normal_host(question.name)
        except ValueError:
            return dns.written(question, Code.UNKNOWN)
        if as_address(name):
            return dns.written(question, Code.UNKNOWN)
        return await self._of_name(question, name)

    def _name_of_address(self, question: Question) -> bytes:
        address = dns.asked_address(question.name)
        own = OWN_ADDRESSES.get(str(address))
        if own is not None:
            return dns.written(question, data=dns.pointer(own))
        name = self._book.name_of(address) if address else None
        if name is None:
            return dns.written(question, Code.UNKNOWN)
        return dns.written(question, data=dns.pointer(name), seconds=ANSWER_SECONDS)

    async def _of_name(self, question: Question, name: str) -> bytes:
        if name == "localhost" or name.endswith(".localhost") or name == OWN_NAME:
            here = HERE.get(question.kind)
            data = None if here is None else dns.address(ip_address(here))
            return dns.written(question, data=data, seconds=ANSWER_SECONDS)
        if question.kind in EMPTY:
            return dns.written(question)
        if question.kind not in (Kind.A, Kind.ANY):
            return dns.written(question, Code.REFUSED)
        if problem := await self._problem_of(name):
            return dns.written(question, problem)
        address = self._book.address_of(name)
        if address is None:
            return dns.written(question, Code.FAILED)
        return dns.written(question, data=dns.address(address), seconds=ANSWER_SECONDS)

    async def _problem_of(self, name: str) -> Code:
        if self._waiting >= MOST_WAITING:
            return Code.FAILED
        self._waiting += 1
        try:
            if not await self._door.may_reach(name):
                # A name of one word is more likely a slip than a host to hear a refusal from.
                return Code.OK if "." in name else Code.UNKNOWN
            if not self._door.is_answered_for(name):
                await self._resolver.addresses(name, self._door.look_ups)
        except NameUnknown as unknown:
            return Code.FAILED if unknown.late else Code.UNKNOWN
        finally:
            self._waiting -= 1
        return Code.OK
