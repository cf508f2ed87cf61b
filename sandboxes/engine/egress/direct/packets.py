"""Where a packet of IPv4 was sent to."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address


def destination(packet: bytes) -> tuple[IPv4Address, int] | None:
    """Address and port of what raw sockets give: headers of IP, then of UDP or TCP."""
    if not packet:
        return None
    length = (packet[0] & 0xF) * 4
    if length < 20 or len(packet) < length + 4:
        return None
    (port,) = struct.unpack_from("!H", packet, length + 2)
    return IPv4Address(packet[16:20]), port
