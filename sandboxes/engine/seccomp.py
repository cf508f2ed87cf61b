"""The system call filter, as a raw BPF program for bwrap's --seccomp.

A denial list: it closes what namespaces do not (AF_VSOCK is not namespaced, AF_ALG has had
writes through the page cache) and kernel interfaces that a sandbox has no use for.
"""

from __future__ import annotations

import errno
import platform
import struct

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, RETURN = 0x20, 0x15, 0x35, 0x06
KILL_PROCESS, ALLOW, ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24  # struct seccomp_data
X32_BIT = 0x40000000
FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX

DENIED = (
    "acct", "add_key", "bpf", "delete_module", "fanotify_init", "finit_module", "fsconfig",
    "fsmount", "fsopen", "fspick", "init_module", "io_uring_enter", "io_uring_register",
    "io_uring_setup", "ioperm", "iopl", "kexec_file_load", "kexec_load", "keyctl",
    "lookup_dcookie", "mount", "mount_setattr", "move_mount", "open_by_handle_at", "open_tree",
    "open_tree_attr", "perf_event_open", "pidfd_getfd", "pivot_root",
    "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace", "quotactl",
    "quotactl_fd", "reboot", "request_key", "setns", "swapoff", "swapon", "syslog", "umount2",
    "unshare", "userfaultfd",
)  # fmt: skip

X86_64 = {
    "socket": 41, "ioctl": 16, "acct": 163, "add_key": 248, "bpf": 321, "delete_module": 176,
    "fanotify_init": 300, "ioperm": 173, "iopl": 172,
    "finit_module": 313, "init_module": 175, "kexec_file_load": 320, "kexec_load": 246,
    "keyctl": 250, "lookup_dcookie": 212, "mount": 165, "open_by_handle_at": 304,
    "perf_event_open": 298, "pivot_root": 155, "process_vm_readv": 310, "process_vm_writev": 311,
    "ptrace": 101, "quotactl": 179, "reboot": 169, "request_key": 249, "setns": 308,
    "swapoff": 168, "swapon": 167, "syslog": 103, "umount2": 166, "unshare": 272,
    "userfaultfd": 323, "ioprio_set": 251, "prlimit64": 302, "sched_setaffinity": 203,
    "sched_setattr": 314, "sched_setparam": 142, "sched_setscheduler": 144, "setpriority": 141,
}  # fmt: skip
AARCH64 = {
    "socket": 198, "ioctl": 29, "acct": 89, "add_key": 217, "bpf": 280, "delete_module": 106,
    "fanotify_init": 262,
    "finit_module": 273, "init_module": 105, "kexec_file_load": 294, "kexec_load": 104,
    "keyctl": 219, "lookup_dcookie": 18, "mount": 40, "open_by_handle_at": 265,
    "perf_event_open": 241, "pivot_root": 41, "process_vm_readv": 270, "process_vm_writev": 271,
    "ptrace": 117, "quotactl": 60, "reboot": 142, "request_key": 218, "setns": 268,
    "swapoff": 225, "swapon": 224, "syslog": 116, "umount2": 39, "unshare": 97,
    "userfaultfd": 282, "ioprio_set": 30, "prlimit64": 261, "sched_setaffinity": 122,
    "sched_setattr": 274, "sched_setparam": 118, "sched_setscheduler": 119, "setpriority": 140,
}  # fmt: skip
# From 424 on, system calls have the same number on every architecture.
SHARED = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443,
    "open_tree_attr": 467,
}  # fmt: skip

# Calls that change another process of the same user, and which argument names it. The agent is one:
# without a limit of its own left it could open nothing more, and nobody could give that back.
ON_PROCESSES = {
    "prlimit64": FIRST_ARGUMENT, "sched_setaffinity": FIRST_ARGUMENT,
    "sched_setattr": FIRST_ARGUMENT, "sched_setparam": FIRST_ARGUMENT,
    "sched_setscheduler": FIRST_ARGUMENT, "setpriority": SECOND_ARGUMENT,
    "ioprio_set": SECOND_ARGUMENT,
}  # fmt: skip
AGENT = 1  # its number in the sandbox, where that has a namespace of its own

ARCHITECTURES = {"x86_64": (0xC000003E, X86_64), "aarch64": (0xC00000B7, AARCH64)}


Code = list[bytes]


def program(machine: str = "") -> bytes:
    """The filter for this machine; raises KeyError for an architecture without a table."""
    return assemble(machine or platform.machine(), [])


def assemble(machine: str, more: Code) -> bytes:
    """The filter with further steps before the usual ones."""
    audit, table = ARCHITECTURES[machine]
    numbers = {**table, **SHARED}
    code = [
        step(LOAD, ARCHITECTURE),
        step(JUMP_EQUAL, audit, yes=1),
        step(RETURN, KILL_PROCESS),
        step(LOAD, NUMBER),
        step(JUMP_GREATER_EQUAL, X32_BIT, no=1),
        step(RETURN, ERRNO | errno.ENOSYS),
        *more,
        *denials([numbers[name] for name in DENIED if name in numbers]),
    ]
    code += _check_argument(
        numbers["ioctl"], SECOND_ARGUMENT, TERMINAL_INJECTION, ERRNO | errno.EPERM, ALLOW
    )
    code += _check_argument(
        numbers["socket"], FIRST_ARGUMENT, FAMILIES, ALLOW, ERRNO | errno.EAFNOSUPPORT
    )
    for name, argument in ON_PROCESSES.items():
        code += _check_argument(numbers[name], argument, (AGENT,), ERRNO | errno.EPERM, ALLOW)
    return b"".join([*code, step(RETURN, ALLOW)])


def denials(numbers: list[int]) -> Code:
    """EPERM for each of these system calls."""
    code: Code = []
    for number in numbers:
        code += [step(JUMP_EQUAL, number, no=1), step(RETURN, ERRNO | errno.EPERM)]
    return code


def only(number: int, body: Code) -> Code:
    """Steps for one system call alone. `body` ends with a return on every path, so that the
    accumulator is as it was for every other call."""
    return [step(JUMP_EQUAL, number, no=len(body)), *body]


def _check_argument(
    number: int, argument: int, values: tuple[int, ...], listed: int, otherwise: int
) -> Code:
    """For one system call: `listed` when the low 32 bits of an argument are among `values`.

    The kernel reads both arguments in question as 32 bits. Leaves the accumulator as it was
    for every other call.
    """
    body = [step(LOAD, argument)]
    for position, value in enumerate(values):
        body.append(step(JUMP_EQUAL, value, yes=len(values) - position))
    body += [step(RETURN, otherwise), step(RETURN, listed)]
    return only(number, body)


def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
