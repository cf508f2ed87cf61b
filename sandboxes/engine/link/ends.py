"""Which sockets lie at the other end of a sandbox's interface, in the order they are passed in."""

from __future__ import annotations

ADDRESS, GATEWAY, PREFIX = "198.18.0.2", "198.18.0.1", 30  # of the sandbox; of its name server
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - of a namespace that leads nowhere
INTERFACE = "eth0"
DNS_PORT = 53
RESOLV_CONF = f"nameserver {GATEWAY}\n"
IP_PKTINFO = 8  # linux/in.h; the `socket` of Python has no name for it before 3.14
# Opened whether or not a policy names them, since a refusal has words there.
PORTS = (80, 443, 22, 3306, 5432, 6379, 8080, 8443)
# Opened besides where a policy allows ranges of addresses, which it does at every port.
USUAL = (
    21, 25, 465, 587, 993, 1433, 1521, 5672, 8000, 9000, 9092, 9200, 9418, 11211, 27017,
)  # fmt: skip
MORE_PORTS = 32  # that may be opened besides, for what a policy names
# In front: datagrams for the name server, what else comes as UDP, greetings of TCP, and two that
# further ones are made with (see ports).
UDP_NAMES, UDP_OTHER, TCP_GREETINGS, TCP_NAMES, CALLED, CALLER = range(6)
FIXED = 6
SOCKETS = FIXED + len(PORTS)
