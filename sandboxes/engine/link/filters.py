"""Programs of the classic packet filter: which packets a raw socket gets."""

from __future__ import annotations

import ctypes
import socket
import struct

SO_ATTACH_FILTER = 26
# Of the packet, which begins with the header of IP: its length into X, then a field behind it.
HEADER_LENGTH = (0xB1, 0, 0, 0)
HALF_WORD, BYTE = 0x48, 0x50
ABSOLUTE_BYTE = 0x30  # of the header of IP itself
EQUAL, ANY_BIT = 0x15, 0x45
TAKE, LEAVE = (0x06, 0, 0, 128), (0x06, 0, 0, 0)  # the beginning is enough to tell where it went
SYN, ACK = 0x02, 0x10

Step = tuple[int, int, int, int]


def other_datagrams(port: int) -> list[Step]:
    """UDP to any port but this one."""
    return [HEADER_LENGTH, (HALF_WORD, 0, 0, 2), (EQUAL, 0, 1, port), LEAVE, TAKE]


def greetings() -> list[Step]:
    """The first packet of a connection of TCP, unless it goes to 127.0.0.0/8: that is ours."""
    return [
        (ABSOLUTE_BYTE, 0, 0, 16),
        (EQUAL, 0, 1, 127),
        LEAVE,
        HEADER_LENGTH,
        (BYTE, 0, 0, 13),
        (ANY_BIT, 2, 0, ACK),
        (ANY_BIT, 0, 1, SYN),
        TAKE,
        LEAVE,
    ]


def attach(sock: socket.socket, steps: list[Step]) -> None:
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
