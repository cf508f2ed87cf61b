"""The system call filters, decided call by call on both architectures."""

from __future__ import annotations

import errno
import platform
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sandboxes.engine import seccomp
from sandboxes.engine.landlock import filter as reduced
from tests.sandboxes.engine import bpf

MACHINES = ["x86_64", "aarch64"]
REFUSED = seccomp.ERRNO | errno.EPERM
NO_FAMILY = seccomp.ERRNO | errno.EAFNOSUPPORT
# Where Debian's linux-libc-dev keeps the kernel's own tables.
HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
NEWER_THAN_HEADERS = {"open_tree_attr"}

Decide = Callable[..., int]


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=["full", "reduced"])
def level(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def program(machine: str, level: str) -> bytes:
    return (seccomp if level == "full" else reduced).program(machine)


@pytest.fixture
def numbers(machine: str) -> dict[str, int]:
    table = seccomp.ARCHITECTURES[machine][1]
    return {**table, **seccomp.SHARED, **reduced.TABLES[machine], "clone3": reduced.CLONE3}


@pytest.fixture
def call(machine: str, program: bytes, numbers: dict[str, int]) -> Decide:
    """call(name, *arguments) -> what the filter answers"""
    audit = seccomp.ARCHITECTURES[machine][0]
    return lambda name, *arguments: bpf.decide(program, audit, numbers[name], *arguments)


def test_this_machine_has_a_filter():
    assert platform.machine() in seccomp.ARCHITECTURES


def test_every_number_is_the_one_of_the_kernel(machine, numbers):
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"needs {header} (Debian: apt install linux-libc-dev)")
    text = header.read_text()
    defined = {
        name: int(number)
        for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)
    }
    for name, number in numbers.items():
        if name not in NEWER_THAN_HEADERS:
            assert defined[name] == number, name


def test_jumps_stay_inside_and_it_ends_with_a_return(program):
    found = bpf.steps(program)
    for position, (code, yes, no, _) in enumerate(found):
        if code in bpf.JUMPS:
            assert position + 1 + max(yes, no) < len(found)
    assert found[-1][0] == bpf.RETURN and len(found) < 4096


@pytest.mark.parametrize("name", seccomp.DENIED)
def test_denied_calls_are_denied(call, numbers, machine, name):
    if name not in numbers:
        assert (machine, name) in {("aarch64", "ioperm"), ("aarch64", "iopl")}
        return
    for arguments in ((), (1, 2, 3), (2**64 - 1,) * 6):
        assert call(name, *arguments) == REFUSED


def test_every_other_number_is_allowed_at_level_full(machine):
    audit, table = seccomp.ARCHITECTURES[machine]
    program = seccomp.program(machine)
    known = {**table, **seccomp.SHARED}
    denied = {known[name] for name in seccomp.DENIED if name in known}
    for number in set(range(500)) - denied - {known["socket"], known["ioctl"]}:
        assert bpf.decide(program, audit, number, 7, 8, 9) == seccomp.ALLOW, number


@pytest.mark.parametrize("name", seccomp.ON_PROCESSES)
def test_the_agent_cannot_be_given_other_limits_or_another_share(call, name):
    named_second = seccomp.ON_PROCESSES[name] == seccomp.SECOND_ARGUMENT
    arguments = (0, 1) if named_second else (1, 7)
    assert call(name, *arguments) == REFUSED
    assert call(name, *(7 << 32 | one for one in arguments)) == REFUSED
    assert call(name, 0, 0) == seccomp.ALLOW


@pytest.mark.parametrize("foreign", [0x40000003, 0x40000028, 0xC0000015, 0, 0xFFFFFFFF])
def test_calls_of_another_architecture_end_the_process(program, foreign):
    """i386 and 32-bit ARM have other numbers for the same calls."""
    for number in (0, 41, 272, 425):
        assert bpf.decide(program, foreign, number) == seccomp.KILL_PROCESS


def test_calls_of_the_x32_interface_do_not_exist(program, machine):
    audit, table = seccomp.ARCHITECTURES[machine]
    for number in (0, 39, table["mount"], 0x3FFFFFFF):
        answer = bpf.decide(program, audit, 0x40000000 | number)
        assert answer == seccomp.ERRNO | errno.ENOSYS


@pytest.mark.parametrize("request_", [0x5412, 0x541C, 0xDEAD00005412])
def test_input_cannot_be_pushed_into_terminals(call, request_):
    assert call("ioctl", 0, request_) == REFUSED
    assert call("ioctl", 0, 0x5401) == seccomp.ALLOW


def test_of_socket_families_four_are_open_at_level_full(machine):
    audit, table = seccomp.ARCHITECTURES[machine]
    program = seccomp.program(machine)
    for family in range(64):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            answer = bpf.decide(program, audit, table["socket"], family, kind)
            allowed = family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16)
            assert answer == (seccomp.ALLOW if allowed else NO_FAMILY), family


@pytest.fixture
def confined(machine: str, numbers: dict[str, int]) -> Decide:
    """call(name, *arguments) of the filter of level reduced"""
    program, audit = reduced.program(machine), seccomp.ARCHITECTURES[machine][0]
    return lambda name, *arguments: bpf.decide(program, audit, numbers[name], *arguments)


def test_of_sockets_tcp_and_netlink_are_open_at_level_reduced(confined):
    stream, datagram, flags = socket.SOCK_STREAM, socket.SOCK_DGRAM, 0o2004000
    for family in (socket.AF_INET, socket.AF_INET6):
        assert confined("socket", family, stream | flags, 0) == seccomp.ALLOW
        assert confined("socket", family, stream, socket.IPPROTO_TCP) == seccomp.ALLOW
        for kind, protocol in ((datagram, 0), (3, 0), (stream, 262), (stream, 132), (stream, 256)):
            assert confined("socket", family, kind, protocol) == NO_FAMILY
    assert confined("socket", 16, 3, 0) == seccomp.ALLOW
    for family in set(range(64)) - {socket.AF_INET, socket.AF_INET6, 16}:
        assert confined("socket", family, stream, 0) == NO_FAMILY


@pytest.mark.parametrize("name", reduced.IPC)
def test_ipc_of_the_machine_is_denied_at_level_reduced(confined, name):
    assert confined(name, 1, 2, 3) == REFUSED


@pytest.mark.parametrize(("name", "offset"), reduced.ON_PROCESSES.items())
def test_other_processes_cannot_be_changed_at_level_reduced(confined, name, offset):
    before = [0] * ((offset - seccomp.FIRST_ARGUMENT) // 8)
    assert confined(name, *before, 0) == seccomp.ALLOW
    assert confined(name, *before, 4711) == REFUSED


@pytest.mark.parametrize(("name", "offset"), reduced.SENDING.items())
def test_connecting_by_sending_is_denied_at_level_reduced(confined, name, offset):
    before = [5] * ((offset - seccomp.FIRST_ARGUMENT) // 8)
    assert confined(name, *before, 0x4000) == seccomp.ALLOW
    assert confined(name, *before, 0x20004000) == REFUSED


def test_namespaces_cannot_be_made_at_level_reduced(confined):
    assert confined("clone", 17) == confined("clone", 0x3D0F00) == seccomp.ALLOW
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert confined("clone", flag | 17) == REFUSED
    assert confined("clone3", 1, 2) == seccomp.ERRNO | errno.ENOSYS
