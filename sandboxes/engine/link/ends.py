"""Which sockets lie at the other end of a sandbox's interface, in the order they are passed in."""

from __future__ import annotations

ADDRESS, GATEWAY, PREFIX = "198.18.0.2", "198.18.0.1", 30  # of the sandbox; of its name server
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - of a namespace that leads nowhere
INTERFACE = "eth0"
DNS_PORT = 53
RESOLV_CONF = f"nameserver {GATEWAY}\n"
IP_PKTINFO = 8  # linux/in.h; the `socket` of Python has no name for it before 3.14
# Opened whether or not a policy names them: who connects there is answered, and told why not.
PORTS = (
    80, 443, 21, 22, 25, 110, 143, 465, 587, 636, 993, 995, 1433, 1521, 3000, 3306, 5000, 5432,
    4873, 5672, 6379, 6432, 8000, 8080, 8081, 8443, 9000, 9092, 9200, 9418, 11211, 27017,
)  # fmt: skip
SPARE = 32  # unbound ones, for further ports that a policy names
# In front: datagrams for the name server, what else comes as UDP, and greetings of TCP.
UDP_NAMES, UDP_OTHER, TCP_GREETINGS, TCP_NAMES = 0, 1, 2, 3
FIXED = 4
MOST_SOCKETS = FIXED + len(PORTS) + SPARE
