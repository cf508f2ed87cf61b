"""Confines this process and all that it starts where the host gives no namespaces.

Landlock says which files and TCP ports can be used and to whom signals can be sent (kernel
documentation: userspace-api/landlock), a seccomp filter closes what Landlock does not know.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct

from .bare import signal
from .kernel import harden, prctl
from .processes import descendants, kill_all

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
PATH_BENEATH, NET_PORT = 1, 2
PR_SET_PDEATHSIG, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 1, 22, 2
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
MAKE_CHAR, MAKE_BLOCK = 1 << 6, 1 << 11
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
BIND_TCP, CONNECT_TCP = 1, 2
SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 1, 2


def keep() -> None:
    """Leave this process behind as the keeper, go on in a child.

    The keeper stays outside the confinement, so nothing in the sandbox can signal it. When the
    child has ended, it ends whatever else the sandbox has left, and then itself.
    """
    keeper = os.getpid()
    child = os.fork()
    if child:
        _watch(child)
    harden(subreaper=True)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:  # gone before the line above
        os._exit(1)


def enter(paths: list[tuple[str, str]], ports: list[int], filter_: bytes) -> None:
    """Confine this process for good; raises OSError when the kernel refuses.

    `paths`: (path, kind) with kind "read", "write" or "device"; what does not exist is skipped.
    `ports`: those that may be bound and connected to, where the kernel can tell.
    """
    prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
    abi = version()
    if abi < 1:
        raise OSError(95, "The kernel has no Landlock")
    everything = (1 << (13 + (abi >= 2) + (abi >= 3))) - 1 | (IOCTL_DEV if abi >= 5 else 0)
    ruleset = _ruleset(abi, everything)
    for path, kind in paths:
        _allow(ruleset, path, _rights(kind) & everything)
    if abi >= 4:
        for port in ports:
            _call(ADD_RULE, ruleset, NET_PORT, struct.pack("=QQ", BIND_TCP | CONNECT_TCP, port), 0)
    _call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    _install(filter_)


def version() -> int:
    """The kernel's version of Landlock; 0 where it has none or it is switched off."""
    library = ctypes.CDLL(None, use_errno=True)
    return max(0, library.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def _ruleset(abi: int, everything: int) -> int:
    fields = [everything]
    if abi >= 4:
        fields.append(BIND_TCP | CONNECT_TCP)
    if abi >= 6:
        fields.append(SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    return _call(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)


def _rights(kind: str) -> int:
    if kind == "write":
        return ~(MAKE_CHAR | MAKE_BLOCK | IOCTL_DEV)
    if kind == "device":
        return READ_FILE | WRITE_FILE | TRUNCATE | READ_DIR | IOCTL_DEV
    return EXECUTE | READ_FILE | READ_DIR


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= OF_FILES
        _call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)


def _install(filter_: bytes) -> None:
    code = ctypes.create_string_buffer(filter_, len(filter_))
    program = struct.pack("HxxxxxxP", len(filter_) // 8, ctypes.addressof(code))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _call(number: int, *arguments: object) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    result = library.syscall(number, *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def _watch(child: int) -> None:
    """In the keeper; never returns."""
    try:
        os.closerange(0, 1 << 16)
        while True:
            ended, _ = os.waitpid(-1, 0)
            if ended == child:
                break
        while descendants(os.getpid()):
            kill_all(isolated=False)
    except OSError:
        pass
    finally:
        os._exit(0)
