"""The system call filter of level "reduced": that of level "full", and what namespaces do there.

Landlock does not know UDP, unix sockets with a path, IPC of System V, nor calls that change
another process of the same user; without these a sandbox could reach the platform itself.
"""

from __future__ import annotations

import errno
import platform

from ..seccomp import (
    ALLOW,
    ARCHITECTURES,
    ERRNO,
    FIRST_ARGUMENT,
    JUMP_EQUAL,
    LOAD,
    ON_PROCESSES,
    RETURN,
    SECOND_ARGUMENT,
    Code,
    assemble,
    denials,
    only,
    step,
)

THIRD_ARGUMENT, FOURTH_ARGUMENT = 32, 40
AND, JUMP_SET = 0x54, 0x45
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
SOCK_STREAM, TYPE_BITS, IPPROTO_TCP = 1, 0xF, 6
FAST_OPEN = 0x20000000  # a way to connect that does not ask Landlock
NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW… flag that clone takes

IPC = (
    "mq_open", "mq_unlink", "msgctl", "msgget", "msgrcv", "msgsnd", "semctl", "semget", "semop",
    "semtimedop", "shmat", "shmctl", "shmget",
)  # fmt: skip
X86_64 = {
    "clone": 56, "mq_open": 240, "mq_unlink": 241, "msgctl": 71, "msgget": 68, "msgrcv": 70,
    "msgsnd": 69, "semctl": 66, "semget": 64, "semop": 65, "semtimedop": 220, "sendmmsg": 307,
    "sendmsg": 46, "sendto": 44, "shmat": 30, "shmctl": 31, "shmget": 29,
}  # fmt: skip
AARCH64 = {
    "clone": 220, "mq_open": 180, "mq_unlink": 181, "msgctl": 187, "msgget": 186, "msgrcv": 188,
    "msgsnd": 189, "semctl": 191, "semget": 190, "semop": 193, "semtimedop": 192, "sendmmsg": 269,
    "sendmsg": 211, "sendto": 206, "shmat": 196, "shmctl": 195, "shmget": 194,
}  # fmt: skip
CLONE3 = 435  # on every architecture; its flags lie in memory, where no filter can look
SENDING = {"sendto": FOURTH_ARGUMENT, "sendmsg": THIRD_ARGUMENT, "sendmmsg": FOURTH_ARGUMENT}
TABLES = {"x86_64": X86_64, "aarch64": AARCH64}


def program(machine: str = "") -> bytes:
    """The filter for this machine; raises KeyError for an architecture without a table."""
    machine = machine or platform.machine()
    numbers = {**ARCHITECTURES[machine][1], **TABLES[machine]}
    refused = ERRNO | errno.EPERM
    code: Code = denials([numbers[name] for name in IPC])
    code += only(CLONE3, [step(RETURN, ERRNO | errno.ENOSYS)])  # the C library falls back to clone
    code += only(numbers["clone"], _unless_set(FIRST_ARGUMENT, NEW_NAMESPACES, refused))
    for name, argument in ON_PROCESSES.items():
        body = [step(LOAD, argument), step(JUMP_EQUAL, 0, no=1), step(RETURN, ALLOW)]
        code += only(numbers[name], [*body, step(RETURN, refused)])
    for name, argument in SENDING.items():
        code += only(numbers[name], _unless_set(argument, FAST_OPEN, refused))
    code += only(numbers["socket"], _sockets())
    return assemble(machine, code)


def _sockets() -> Code:
    """TCP and the kernel's own netlink; no UDP, no unix sockets but pairs, no other protocol."""
    return [
        step(LOAD, FIRST_ARGUMENT),
        step(JUMP_EQUAL, AF_NETLINK, yes=8),
        step(JUMP_EQUAL, AF_INET, yes=1),
        step(JUMP_EQUAL, AF_INET6, no=7),
        step(LOAD, SECOND_ARGUMENT),
        step(AND, TYPE_BITS),
        step(JUMP_EQUAL, SOCK_STREAM, no=4),
        step(LOAD, THIRD_ARGUMENT),
        step(JUMP_EQUAL, 0, yes=1),
        step(JUMP_EQUAL, IPPROTO_TCP, no=1),
        step(RETURN, ALLOW),
        step(RETURN, ERRNO | errno.EAFNOSUPPORT),
    ]


def _unless_set(argument: int, bits: int, answer: int) -> Code:
    return [
        step(LOAD, argument),
        step(JUMP_SET, bits, no=1),
        step(RETURN, answer),
        step(RETURN, ALLOW),
    ]
