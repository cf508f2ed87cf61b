"""Hostile code and what the kernel offers beyond files and processes."""

from __future__ import annotations

import os

import pytest

X86 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86_64")
CALL = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
result = libc.syscall(*[int(a, 0) for a in sys.argv[1:]])
print(os.strerror(ctypes.get_errno()) if result < 0 else "worked")
"""


@pytest.mark.parametrize(
    "path",
    ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sysrq-trigger",
     "/proc/sys/vm/overcommit_memory", "/proc/sys/net/ipv4/ip_forward", "/proc/irq/0/smp_affinity"],
)  # fmt: skip
def test_switches_of_the_kernel_cannot_be_written(fails, path):
    fails(f"echo 1 > {path}")


@pytest.mark.parametrize("path", ["/proc/kcore", "/proc/kmsg", "/dev/mem", "/proc/keys/x"])
def test_memory_and_messages_of_the_kernel_cannot_be_read(fails, path):
    fails(f"head -c 1 {path} | grep -q .")


def test_the_kernels_log_is_closed(fails):
    fails("dmesg")


@X86
@pytest.mark.parametrize(
    ("name", "number"),
    [("bpf", 321), ("clone3_as_unshare", 272), ("fanotify_init", 300), ("finit_module", 313),
     ("io_uring_setup", 425), ("kexec_load", 246), ("keyctl", 250), ("mount", 165),
     ("open_by_handle_at", 304), ("open_tree", 428), ("perf_event_open", 298),
     ("pidfd_getfd", 438), ("process_vm_readv", 310), ("ptrace", 101), ("reboot", 169),
     ("setns", 308), ("userfaultfd", 323)],
)  # fmt: skip
def test_dangerous_calls_are_refused(cell, name, number):
    out = cell.run("python3", "-c", CALL, str(number), "0", "0", "0", "0")[1]
    assert out == "Operation not permitted\n", name


@X86
def test_the_x32_interface_is_closed(cell):
    assert cell.run("python3", "-c", CALL, str(0x40000000 + 39))[1] == "Function not implemented\n"


@X86
def test_calls_of_i386_end_the_process(cell):
    """int 0x80 with getpid's number, from a page made executable."""
    script = (
        "import ctypes, mmap\n"
        "page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
        "page.write(b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3')\n"
        "address = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
        "print('reached', ctypes.CFUNCTYPE(ctypes.c_int)(address)())"
    )
    ended, out, _ = cell.run("python3", "-c", script)
    assert ended.signal is not None and "reached" not in out


@X86
@pytest.mark.parametrize("flag", [0x10000000, 0x20000, 0x40000000])
def test_clone_and_clone3_make_no_namespace(cell, flag):
    clone = cell.run("python3", "-c", CALL, "56", hex(flag | 17), "0", "0", "0", "0")[1]
    assert "worked" not in clone
    script = (
        "import ctypes, os, struct\n"
        f"arguments = struct.pack('=11Q', {flag}, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "result = libc.syscall(435, arguments, len(arguments))\n"
        "print('worked' if result >= 0 else os.strerror(ctypes.get_errno()))"
    )
    assert "worked" not in cell.run("python3", "-c", script)[1]


@pytest.mark.parametrize("family", ["AF_ALG", "AF_VSOCK", "AF_PACKET", "AF_BLUETOOTH", "AF_CAN",
                                    "AF_TIPC", "AF_RDS", "AF_QIPCRTR"])  # fmt: skip
def test_socket_families_that_no_namespace_confines_are_closed(cell, family):
    script = f"import socket; socket.socket(socket.{family}, socket.SOCK_DGRAM)"
    assert "Errno 97" in cell.run("python3", "-c", script)[2]


def test_input_cannot_be_pushed_into_a_terminal(cell):
    script = (
        "import fcntl, pty, termios; leader, follower = pty.openpty(); "
        "fcntl.ioctl(follower, termios.TIOCSTI, b'x')"
    )
    assert "PermissionError" in cell.run("python3", "-c", script)[2]


def test_shared_memory_is_its_own(cell):
    from pathlib import Path

    cell.shell("ipcmk -M 4096 >/dev/null 2>&1 || true; echo x > /dev/shm/vibe-abuse")
    assert not Path("/dev/shm/vibe-abuse").exists()
