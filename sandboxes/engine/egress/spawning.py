"""Starting the proxy's process, and what it is told first."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[3]
PASSED = ("PATH", "LANG", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "RES_OPTIONS", "LOCALDOMAIN")


@dataclass(frozen=True)
class ProxySettings:
    """`key` and `certificate` of the authority as PEM; `opened` see AddressCheck; `uid` the host
    user to become, when this process is root."""

    key: bytes
    certificate: bytes
    opened: tuple[str, ...] = ()
    uid: int | None = None

    def told(self) -> dict[str, Any]:
        return {
            "key": self.key.decode(),
            "certificate": self.certificate.decode(),
            "opened": list(self.opened),
            "uid": self.uid,
        }


def spawn(control: int) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in PASSED if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "sandboxes.engine.egress.process", str(control)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[control],
        cwd="/",
        env={**environment, "PYTHONPATH": str(SOURCE)},
        start_new_session=True,
    )
