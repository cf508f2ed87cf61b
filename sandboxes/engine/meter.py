"""Counts what directories hold, as a program of its own: `python -I -S meter.py`.

Reads JSON [{"directories": [...], "pids": [...], "enough": bytes}, …], prints a list of bytes in
the same order. Every entry counts at least one block, so that empty files are not free; of a file
with several names one counts; what has been deleted and is still open counts too. It stops where
`enough` is exceeded. A process of its own, because a walk over many files would hold up threads.
"""

from __future__ import annotations

import ctypes
import json
import os
import stat
import sys

BLOCK = 4096
CLONE_NEWUSER = 0x10000000


class Meter:
    """One count. `enough`: no need to go on beyond so many bytes."""

    def __init__(self, enough: int) -> None:
        self.enough = enough
        self.bytes = 0
        self.seen: set[tuple[int, int]] = set()

    def add(self, info: os.stat_result) -> None:
        if info.st_nlink > 1 and not stat.S_ISDIR(info.st_mode):
            key = (info.st_dev, info.st_ino)
            if key in self.seen:
                return
            self.seen.add(key)
        self.bytes += max(info.st_blocks * 512, BLOCK)

    def walk(self, top: str) -> None:
        """Everything below `top` on its own file system; links are not followed."""
        try:
            device = os.lstat(top).st_dev
        except OSError:
            return
        queue = [top]
        while queue and self.bytes <= self.enough:
            try:
                entries = os.scandir(queue.pop())
            except OSError:  # gone meanwhile, or not a directory any more
                continue
            with entries:
                for entry in entries:
                    try:
                        info = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue
                    self.add(info)
                    if stat.S_ISDIR(info.st_mode) and info.st_dev == device:
                        queue.append(entry.path)

    def deleted(self, pid: int, device: int) -> None:
        """Files without a name that a process holds open."""
        try:
            numbers = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            return
        for number in numbers:
            try:
                info = os.stat(f"/proc/{pid}/fd/{number}")
            except OSError:
                continue
            key = (info.st_dev, info.st_ino)
            unnamed = stat.S_ISREG(info.st_mode) and info.st_nlink == 0
            if unnamed and info.st_dev == device and key not in self.seen:
                self.seen.add(key)
                self.bytes += max(info.st_blocks * 512, BLOCK)


def see_everything() -> None:
    """As an ordinary user, become root of a namespace: directories that a sandbox has closed for
    its own user (which is ours) stay readable. Where that is forbidden we do without."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0 or ctypes.CDLL(None).unshare(CLONE_NEWUSER) != 0:
        return
    try:
        for name, text in (
            ("setgroups", "deny"),
            ("gid_map", f"0 {gid} 1"),
            ("uid_map", f"0 {uid} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    except OSError:
        return


def main() -> None:
    os.nice(10)
    tasks = json.load(sys.stdin)
    sizes = []
    for task in tasks:
        meter = Meter(task["enough"])
        for pid in task["pids"]:  # before the namespace: from within, these would be strangers
            for device in {os.lstat(d).st_dev for d in task["directories"] if os.path.lexists(d)}:
                meter.deleted(pid, device)
        sizes.append(meter)
    see_everything()
    for meter, task in zip(sizes, tasks, strict=True):
        for directory in task["directories"]:
            meter.walk(directory)
    print(json.dumps([meter.bytes for meter in sizes]))


if __name__ == "__main__":
    main()
