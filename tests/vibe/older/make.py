"""Makes `data-2e84bf7.tar.xz`: a data directory as the platform of that commit leaves it.

Run as root in a checkout of the commit: `python PATH/make.py TARGET.tar.xz`. It holds a sandbox
with files, a finished command with its log, a snapshot, a conversation with a turn, an API key,
and a start and a command that were asked for when no worker was there: their jobs lie in Redis by
the dotted names of that commit.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tarfile
import tempfile
import time
from pathlib import Path

sys.path.insert(0, os.getcwd())

from tests.fixtures.platform import Client, Platform

# Made anew by any platform, or of no use to another machine.
LEFT_OUT = {"shared", "static", "run", "network", "lock"}
QUEUED = (
    "from sandboxes.models import Sandbox\n"
    "from sandboxes.services import commands, lifecycle\n"
    "sandbox = Sandbox.objects.get(name='kept')\n"
    "lifecycle.resume(sandbox)\n"
    "commands.run(sandbox, 'sh', ['-c', 'cat note; echo late'])"
)


def main(target: Path) -> None:
    directory = Path(tempfile.mkdtemp(prefix="vibe-old-"))
    platform = Platform(directory, 8931, VIBE_WARM_SANDBOXES="0", VIBE_EGRESS_DISCOVERY="0")
    try:
        platform.wait_for("Vibe is ready")
        key = platform.manage("create_api_key", "keeper", "--create-user")
        api = Client(platform, key)
        (directory / "key").write_text(key)
        api("POST", "sandboxes", {"name": "kept", "wait": 25, "timeout": 900})
        write = "echo remembered > note; echo one; echo two >&2"
        command = {"command": "sh", "args": ["-c", write], "wait": 25}
        api("POST", "sandboxes/kept/commands", command)
        made = api("POST", "sandboxes/kept/snapshots", {"name": "first", "wait": 25})
        while made["status"] == "creating":
            time.sleep(0.2)
            made = api("GET", f"snapshots/{made['id']}")
        api("POST", "sandboxes/kept/resume", {"wait": 25})
        conversation = api("POST", "conversations", {})
        turn = api("POST", f"conversations/{conversation['id']}/turns", {"message": "run `ls`"})
        while api("GET", f"turns/{turn['id']}")["status"] in ("queued", "running"):
            time.sleep(0.2)
        for sandbox in api("GET", "sandboxes")["items"]:
            api("POST", f"sandboxes/{sandbox['id']}/stop")
            while api("GET", f"sandboxes/{sandbox['id']}")["status"] != "stopped":
                time.sleep(0.2)
        # As a crash of the machine leaves it: no worker takes the job, nothing is tidied up.
        workers = [platform.child("worker sandboxes"), platform.child("worker chat")]
        for pid in [platform.process.pid, *workers]:
            os.kill(pid, signal.SIGSTOP)
        platform.manage("shell", "-c", QUEUED)
        redis = platform.child("valkey")
        time.sleep(1.5)  # the append-only file is written once a second
        for pid in [*workers, *platform.children(), platform.process.pid]:
            if pid != redis:
                os.kill(pid, signal.SIGKILL)
        os.kill(redis, signal.SIGTERM)
        time.sleep(2)
        with tarfile.open(target, "w:xz") as archive:
            for path in sorted(directory.iterdir()):
                if path.name not in LEFT_OUT and not path.is_socket():
                    archive.add(path, arcname=path.name)
    finally:
        platform.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
