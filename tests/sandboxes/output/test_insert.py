"""Rows of output as they are written, beside what Django would have made of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from sandboxes.models import Command, LogChunk
from sandboxes.output.insert import COLUMNS, NewChunk, insert
from tests.fixtures.rows import make_command, make_sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def command(alice) -> Command:
    return make_command(make_sandbox(alice))


def chunk(command: Command, offset: int, data: bytes, at: datetime | None) -> NewChunk:
    return NewChunk(command.id, LogChunk.Stream.STDERR, offset, 1, 0, data, at)


def test_every_column_is_written():
    fields = [field for field in LogChunk._meta.concrete_fields if not field.primary_key]
    assert {field.column for field in fields} == set(COLUMNS)


def test_rows_are_as_django_writes_them(command):
    at = datetime(2026, 3, 1, 12, 30, 15, 123456, UTC)
    insert([chunk(command, 0, b"\x00\xff'%s", at), chunk(command, 6, b"", None)])
    LogChunk.objects.bulk_create([LogChunk(**asdict(chunk(command, 10, b"\x00\xff'%s", at)))])
    first, second, other = LogChunk.objects.filter(command=command).order_by("offset")
    assert (bytes(first.data), first.written_at) == (bytes(other.data), other.written_at)
    assert (first.stream, first.first_line, first.line_count) == (2, 1, 0)
    assert (bytes(second.data), second.written_at) == (b"", None)


def test_a_row_that_is_there_stays_as_it_is(command):
    insert([chunk(command, 0, b"first", None)])
    insert([chunk(command, 0, b"again", None), chunk(command, 5, b"new", None)])
    found = LogChunk.objects.filter(command=command).order_by("offset")
    assert [bytes(row.data) for row in found] == [b"first", b"new"]


def test_nothing_is_fine(command):
    insert([])
    assert not LogChunk.objects.filter(command=command).exists()
