"""What code in a sandbox of level full can see and do: as little as promised."""

from __future__ import annotations

import os
import signal

import pytest

from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import exit_of

CANARY = "canary-8d1f0c"


def test_the_user_has_no_privileges(isolated):
    wanted = {"NoNewPrivs:\t1", "CapEff:\t" + "0" * 16, "CapBnd:\t" + "0" * 16, "Seccomp:\t2"}
    assert wanted <= set(isolated.shell("cat /proc/self/status").splitlines())


def test_the_user_is_the_one_of_the_vercel_sandbox(isolated):
    assert isolated.shell("id -un; id -u; id -g; id -G; echo $HOME; pwd").splitlines() == [
        "vercel-sandbox",
        "1000",
        "1000",
        "1000",
        "/home/vercel-sandbox",
        "/vercel/sandbox",
    ]


def test_the_agent_never_runs_as_root_of_the_host(isolated):
    with open(f"/proc/{isolated.handle.pid}/status") as file:
        uids = next(line for line in file if line.startswith("Uid:")).split()[1:]
    assert "0" not in uids
    assert set(uids) == {str(isolated.spec.uid or os.getuid())}


@pytest.mark.parametrize(
    "path", ["/usr/x", "/etc/x", "/x", "/dev/x", "/run/vibe/agent/x", "/run/x"]
)
def test_system_directories_are_read_only(isolated, path):
    ended, _, err = isolated.run("touch", path)
    assert ended.code != 0
    assert "Read-only" in err


@pytest.mark.parametrize("path", ["/vercel/sandbox/x", "/home/vercel-sandbox/x", "/tmp/x"])
def test_its_own_directories_are_writable(isolated, path):
    isolated.shell(f"echo 1 > {path}; cat {path}")


@pytest.mark.parametrize("path", ["/etc/shadow", "/root", "/sys", "/boot", "/dev/kmsg", "/dev/vda"])
def test_the_rest_of_the_host_is_absent(isolated, path):
    assert isolated.run("ls", path)[0].code != 0


def test_files_of_the_host_in_tmp_are_not_seen(isolated, top):
    (top / "secret").write_text("secret")
    assert isolated.shell("ls /tmp") == ""


def test_only_its_own_processes_are_seen(isolated):
    assert isolated.shell("ls /proc | grep -E '^[0-9]+$' | sort -n | head -1") == "1"
    assert int(isolated.shell("ls /proc | grep -cE '^[0-9]+$'")) < 10


def test_the_environment_of_the_platform_is_not_found(full, start, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", CANARY)
    box = start(full)
    _, out, _ = box.run("sh", "-c", "env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null")
    assert CANARY not in out and "SECRET_KEY" not in out
    assert box.shell("env | cut -d= -f1 | sort").split() == [
        *("HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "SHLVL", "USER", "_"),
    ]


def test_open_files_of_the_platform_are_not_inherited(full, start, top):
    with open(top / "secret", "w+") as file:
        os.set_inheritable(file.fileno(), True)
        box = start(full)
        assert box.shell("readlink /proc/self/fd/* /proc/1/fd/* | grep -c secret || true") == "0"


def test_the_first_process_cannot_be_looked_into(isolated):
    for name in ("environ", "fd/3", "mem", "maps"):
        ended, _, err = isolated.run("cat", f"/proc/1/{name}")
        assert ended.code != 0 and ("denied" in err or "not permitted" in err), name


@pytest.mark.parametrize("how", ["-KILL 1", "-STOP 1", "-TERM 1", "-INT 1", "-KILL -1", "-ABRT 1"])
def test_the_first_process_cannot_be_killed_from_inside(isolated, how):
    isolated.run("sh", "-c", f"kill {how}")
    assert isolated.agent.ping()["uptime"] >= 0
    assert isolated.run("true")[0].code == 0


def test_another_sandbox_is_not_seen(full, start):
    one, two = start(full), start(full)
    one.shell("echo mine > /tmp/f; echo mine > f; echo mine > ~/f")
    assert two.shell("ls /tmp . ~ | grep -c ^f$ || true") == "0"


SYSCALL = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
result = libc.syscall(*[int(a, 0) for a in sys.argv[1:]])
print(os.strerror(ctypes.get_errno()) if result < 0 else "worked")
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86_64")
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("bpf", 321),
        ("io_uring_setup", 425),
        ("keyctl", 250),
        ("mount", 165),
        ("open_by_handle_at", 304),
        ("perf_event_open", 298),
        ("process_vm_readv", 310),
        ("ptrace", 101),
        ("setns", 308),
        ("unshare", 272),
        ("userfaultfd", 323),
    ],
)
def test_dangerous_system_calls_are_refused(isolated, name, number):
    out = isolated.run("python3", "-c", SYSCALL, str(number), "0", "0", "0")[1]
    assert out == "Operation not permitted\n", name


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86_64")
def test_system_calls_of_the_x32_interface_are_refused(isolated):
    out = isolated.run("python3", "-c", SYSCALL, str(0x40000000 + 39))[1]
    assert out == "Function not implemented\n"


@pytest.mark.parametrize("family", [17, 31, 38, 40])
def test_sockets_that_namespaces_do_not_confine_are_refused(isolated, family):
    script = f"import socket; socket.socket({family}, socket.SOCK_STREAM)"
    _, _, err = isolated.run("python3", "-c", script)
    assert "Errno 97" in err


def test_ordinary_sockets_and_processes_work_under_the_filter(isolated):
    script = (
        "import multiprocessing, socket\n"
        "socket.socket(socket.AF_UNIX); socket.socket(socket.AF_INET6); socket.socketpair()\n"
        "print(multiprocessing.Pool(2).map(abs, [-1, -2]))"
    )
    assert isolated.run("python3", "-c", script)[1] == "[1, 2]\n"


def test_input_cannot_be_pushed_into_a_terminal(isolated):
    script = (
        "import fcntl, os, pty, termios\n"
        "leader, follower = pty.openpty()\n"
        "fcntl.ioctl(follower, termios.TIOCSTI, b'x')"
    )
    assert "PermissionError" in isolated.run("python3", "-c", script)[2]


def test_no_further_user_namespace_can_be_made(isolated):
    assert isolated.run("unshare", "-U", "true")[0].code != 0
    clone = SYSCALL.replace("libc.syscall(", "libc.syscall(56, 0x10000011, 0, 0, 0, 0) or (")
    assert "worked" not in isolated.run("python3", "-c", clone, "1")[1]


def test_the_host_name_is_its_own(isolated):
    assert isolated.shell("hostname; cat /etc/hostname") == "sandbox\nsandbox"
    assert isolated.run("hostname", "other")[0].code != 0


def test_paths_of_the_host_do_not_show_in_the_command_line(isolated, top):
    with open(f"/proc/{isolated.handle.pid}/cmdline") as file:
        assert str(top) not in file.read()


def test_orphans_are_reaped(isolated):
    isolated.shell("for i in 1 2 3 4 5; do (setsid sh -c 'sleep 0.05' &) ; done")
    # Some end while they are looked at.
    until(lambda: "sleep" not in isolated.shell("cat /proc/[0-9]*/comm 2>/dev/null; true"))
    assert "Z" not in isolated.shell("cut -d' ' -f3 /proc/[0-9]*/stat 2>/dev/null; true")


def test_a_stopped_process_does_not_hold_up_the_agent(isolated):
    with isolated.begin("sh", "-c", "kill -STOP $$") as command:
        assert isolated.run("true")[0].code == 0
        isolated.agent.signal(command.command, signal.SIGKILL)
        assert exit_of(command).signal == signal.SIGKILL
