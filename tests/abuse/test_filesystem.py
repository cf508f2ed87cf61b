"""Hostile code and the file system of the host."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sandboxes import engine
from sandboxes.engine import EngineError


@pytest.mark.parametrize("path", ["/root/.ssh", "/sys/kernel", "/boot", "/lost+found", "/mnt/x"])
def test_private_places_of_the_host_are_absent(fails, path):
    fails(f"ls {path}")


def test_the_hosts_passwords_are_not_readable(cell):
    _, out, _ = cell.run("bash", "-c", "cat /etc/shadow /etc/gshadow /etc/sudoers 2>/dev/null")
    own = Path("/etc/shadow")
    if os.access(own, os.R_OK):
        lines = [line for line in own.read_text().splitlines() if ":$" in line]
        assert not any(line in out for line in lines)
    assert "$y$" not in out and "$6$" not in out


def test_files_of_the_host_in_tmp_are_absent(cell, canaries):
    cell_view = cell.run("bash", "-c", f"cat {canaries.file}; ls -R /tmp")[1]
    assert canaries.values[-1] not in cell_view and "secret" not in cell_view


@pytest.mark.parametrize("directory", ["/usr/bin", "/etc", "/opt", "/var/lib", "/"])
def test_nothing_written_to_system_directories_reaches_the_host(cell, directory):
    """Where there is a writable root it is an overlay, and a user has no right to write there."""
    cell.run("bash", "-c", f"echo hostile > {directory}/vibe-abuse; echo x >> /usr/bin/env")
    assert not os.path.exists(f"{directory}/vibe-abuse")
    assert Path("/usr/bin/env").read_bytes()[:4] == b"\x7fELF"
    assert not Path("/usr/bin/env").read_bytes().endswith(b"x\n")


@pytest.mark.parametrize(
    "script",
    [
        "mount -o remount,rw / || mount -o remount,rw /usr",
        "mount -t tmpfs none /mnt",
        "mount --bind / /tmp",
        "umount /proc",
        "pivot_root . .",
        "chroot / true",
    ],
)
def test_mounts_cannot_be_changed(fails, script):
    fails(script)


@pytest.mark.parametrize("kind", ["b 8 0", "b 254 0", "c 1 1", "c 1 11"])
def test_devices_cannot_be_made(cell, fails, kind):
    fails(f"mknod node {kind}")
    assert not (cell.workspace / "node").exists()


@pytest.mark.parametrize(
    "name", ["vda", "sda", "kmsg", "mem", "kvm", "fuse", "net/tun", "loop0", "vsock"]
)
def test_devices_of_the_host_are_absent(fails, name):
    fails(f"test -e /dev/{name}")


def test_hard_links_to_system_files_are_refused(cell, fails):
    fails("ln /usr/bin/env stolen || ln /etc/passwd stolen")
    assert not (cell.workspace / "stolen").exists()


def test_a_link_out_of_the_workspace_leads_into_the_sandbox(cell, canaries):
    script = f"ln -sf {canaries.file} out; cat out; ln -sf /etc/shadow shadow; cat shadow"
    _, out, _ = cell.run("bash", "-c", script)
    assert canaries.values[-1] not in out and "$" not in out


def test_a_link_out_of_the_workspace_is_not_followed_by_the_file_api(cell, canaries):
    from sandboxes.engine import FileError

    cell.shell(f"ln -sf {canaries.file} leak")
    with pytest.raises(FileError):
        cell.agent.read_file("leak", 1000)


@pytest.mark.parametrize("path", ["/proc/self/root", "/proc/1/root", "/proc/self/cwd/../../.."])
def test_proc_leads_nowhere_else(cell, canaries, path):
    _, out, _ = cell.run("bash", "-c", f"cat {path}{canaries.file}")
    assert canaries.values[-1] not in out


def test_another_sandbox_is_not_visible(cell, lock_up):
    other = lock_up()
    other.shell("echo mine > x-other; chmod -R 777 . ~; echo mine > /tmp/x-other")
    places = "/vercel /home /tmp /dev/shm /run /var/tmp"
    assert cell.shell(f"find {places} -name x-other 2>/dev/null | wc -l") == "0"


def test_a_setuid_file_gives_no_power(cell):
    cell.shell("cp /usr/bin/id own; chmod 6755 own")
    assert "uid=0" not in cell.run("bash", "-c", "./own")[1]
    mode = (cell.workspace / "own").stat()
    assert mode.st_uid != 0, "a setuid file of root has appeared on the host"


def test_its_mounts_forbid_setuid_and_devices(cell):
    for line in cell.shell("cat /proc/self/mountinfo").splitlines():
        fields = line.split()
        if fields[4] in ("/vercel/sandbox", "/home/vercel-sandbox", "/tmp"):
            assert {"nosuid", "nodev"} <= set(fields[5].split(",")), line


def test_a_workspace_replaced_by_a_link_is_refused(lock_up, ground):
    box = lock_up()
    box.engine.kill(box.handle)
    box.workspace.rename(box.spec.root / "moved")
    box.workspace.symlink_to(ground)
    with pytest.raises(EngineError):
        box.engine.start(box.spec)


def test_special_files_do_not_hang_the_file_api(cell):
    script = (
        "mkfifo pipe; python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('sock')\"; "
        "ln -s /dev/zero zero; ln -s self self"
    )
    cell.shell(f"mkdir -p special; cd special; {script}")
    entries, _ = cell.agent.list_files("special")
    assert {entry.path.rpartition("/")[2] for entry in entries} == {"pipe", "sock", "zero", "self"}
    from sandboxes.engine import FileError

    for name in ("pipe", "sock", "zero", "self"):
        with pytest.raises(FileError):
            cell.agent.read_file(f"special/{name}", 1000, timeout=10)
    assert stat.S_ISFIFO((cell.workspace / "special/pipe").stat().st_mode)


def test_a_handle_of_a_file_opens_nothing(cell):
    if os.uname().machine != "x86_64":
        pytest.skip("numbers of x86_64")
    script = "import ctypes; print(ctypes.CDLL(None).syscall(304, -100, b'x' * 64, 0))"
    assert cell.run("python3", "-c", script)[1] == "-1\n"


def test_paths_of_the_host_do_not_show_where_it_can_be_avoided(cell):
    """The kernel tells the source of a bind mount; no home directory or user shows in it. That of
    the agent is the checkout, wherever it lies."""
    shown = cell.shell("cat /proc/self/mountinfo /proc/mounts /proc/1/cmdline | tr '\\0' ' '")
    assert "/root/" not in shown.replace(str(Path(engine.__file__).parent), "")
