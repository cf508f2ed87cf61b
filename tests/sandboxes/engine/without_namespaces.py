"""Runs a program where user namespaces are forbidden, as in many containers.

`python without_namespaces.py UID PROGRAM…`: in a namespace of its own that allows no further one
(user.max_user_namespaces = 0), as that user.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000


def main() -> None:
    uid, argv = int(sys.argv[1]), sys.argv[2:]
    ready, made = os.pipe()
    gate, opened = os.pipe()
    pid = os.fork()
    if pid == 0:
        assert ctypes.CDLL(None).unshare(CLONE_NEWUSER) == 0
        os.write(made, b".")
        os.read(gate, 1)
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
        if uid != os.geteuid():
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        os.execvp(argv[0], argv)
    os.read(ready, 1)
    me, group = os.geteuid(), os.getegid()
    if me != 0:
        Path(f"/proc/{pid}/setgroups").write_text("deny")
    everyone = "0 0 4294967295"
    Path(f"/proc/{pid}/gid_map").write_text(everyone if me == 0 else f"{group} {group} 1")
    Path(f"/proc/{pid}/uid_map").write_text(everyone if me == 0 else f"{me} {me} 1")
    os.write(opened, b".")
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)


main()
