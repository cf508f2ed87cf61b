"""Runs a seccomp filter as the kernel would (classic BPF, the instructions that we use)."""

from __future__ import annotations

import struct

LOAD, AND, RETURN = 0x20, 0x54, 0x06
JUMPS = {
    0x15: lambda accumulator, value: accumulator == value,
    0x35: lambda accumulator, value: accumulator >= value,
    0x45: lambda accumulator, value: accumulator & value != 0,
}
STEP = struct.Struct("=HBBI")


def steps(program: bytes) -> list[tuple[int, int, int, int]]:
    """(code, jump when true, jump when false, value) of every instruction."""
    return list(STEP.iter_unpack(program))


def decide(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """What the filter answers to a system call of an architecture."""
    rest = [0] * (6 - len(arguments))
    data = struct.pack("=IIQ6Q", number, audit, 0, *arguments, *rest)
    code_of = steps(program)
    position, accumulator = 0, 0
    while True:
        code, yes, no, value = code_of[position]
        position += 1
        if code == LOAD:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == AND:
            accumulator &= value
        elif code == RETURN:
            return value
        else:
            position += yes if JUMPS[code](accumulator, value) else no
