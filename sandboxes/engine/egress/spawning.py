"""Starting the proxy's process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]
PASSED = ("PATH", "LANG", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "RES_OPTIONS", "LOCALDOMAIN")


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
