"""Sandboxes that are root of their own: what root can do inside, and what it cannot do outside."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandboxes.engine import directories
from tests.sandboxes.engine.boxes import exit_of, read_until


def test_root_writes_system_directories_and_the_host_keeps_its_own(rooted):
    box = rooted()
    for name in ("/usr", "/etc", "/var", "/opt", "/root", "/usr/bin", "/"):
        box.shell(f"echo here > {name}/planted-7d1; cat {name}/planted-7d1", sudo=True)
        assert not Path(name, "planted-7d1").exists()
    box.shell("echo changed > /usr/bin/env", sudo=True)
    assert Path("/usr/bin/env").read_bytes()[:4] == b"\x7fELF"


@contextmanager
def a_thousand_open_files() -> Iterator[None]:
    """As a worker has that looks after many commands."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        yield
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_sandbox_starts_though_a_thousand_files_are_open(rooted):
    with a_thousand_open_files():
        box = rooted()
    assert box.shell("echo here") == "here"


def test_the_user_is_no_root_without_asking(rooted):
    box = rooted()
    status = box.shell("cat /proc/self/status; id -u").splitlines()
    wanted = {
        "NoNewPrivs:\t1",
        "CapEff:\t" + "0" * 16,
        "CapBnd:\t" + "0" * 16,
        "Seccomp:\t2",
        "1000",
    }
    assert wanted <= set(status)
    assert box.run("touch", "/usr/x")[0].code != 0


def test_root_keeps_the_environment_but_for_who_it_is(rooted):
    box = rooted(env={"MINE": "1"})
    script = "id -u; echo $HOME $USER $SUDO_USER $MINE; pwd"
    expected = ["0", "/root root ubuntu 1", "/vercel/sandbox"]
    assert box.shell(script, sudo=True).splitlines() == expected
    assert box.shell(f"sudo sh -c '{script}'").splitlines() == expected


@pytest.mark.parametrize("sudo", ["sudo", "sudo -i", "sudo -u nobody", "sudo -u ubuntu"])
def test_what_leads_out_and_is_trusted_survives_sudo(rooted, sudo):
    kept = {"APT_CONFIG": "/x/apt.conf", "https_proxy": "http://127.0.0.1:1", "NO_PROXY": "near",
            "SSL_CERT_FILE": "/x/certificates", "NODE_EXTRA_CA_CERTS": "/x/more"}  # fmt: skip
    lines = rooted(env=kept).shell(f"{sudo} env").splitlines()
    assert {f"{name}={value}" for name, value in kept.items()} <= set(lines)


def test_the_user_is_known_by_the_names_of_the_hosted_images(rooted):
    box = rooted()
    assert box.shell("id -u vercel-sandbox ubuntu").split() == ["1000", "1000"]
    assert box.shell("sudo -u ubuntu sh -c 'id -u; echo $USER'").split() == ["1000", "ubuntu"]
    assert "root" in box.shell("sudo whoami")


def test_sudo_passes_streams_directory_variables_and_exit_code(rooted):
    box = rooted()
    assert box.shell("cd /tmp; echo in | sudo A=1 sh -c 'cat; pwd; echo $A'") == "in\n/tmp\n1"
    ended, out, err = box.run("sudo", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (ended.code, out, err) == (7, "out\n", "err\n")
    assert box.run("sudo", "nothing-of-that-name")[0].code == 127


def test_sudo_ends_with_the_command_that_called_it(rooted):
    box = rooted()
    with box.begin(
        "sudo", "sh", "-c", "trap 'echo ended; exit 3' TERM; echo up; while :; do sleep 0.1; done"
    ) as command:
        read_until(command.stdout, b"up")
        box.agent.signal(command.command, signal.SIGTERM)
        read_until(command.stdout, b"ended")
        assert exit_of(command).code == 3


def test_users_are_made_and_become(rooted):
    box = rooted()
    box.shell("useradd -m -s /bin/bash ada", sudo=True)
    assert box.shell("sudo -u ada id -un; sudo su ada -c 'id -un; cd; pwd'").split() == [
        *("ada", "ada", "/home/ada"),
    ]


def test_a_package_is_installed_with_apt(rooted):
    box = rooted()
    if box.run("sh", "-c", "command -v apt-get dpkg-deb")[0].code != 0:
        pytest.skip("no apt on this machine")
    box.shell(
        "mkdir -p p/DEBIAN p/usr/bin"
        " && printf '#!/bin/sh\\necho installed\\n' > p/usr/bin/vibe-probe"
        " && chmod 755 p/usr/bin/vibe-probe && printf 'Package: vibe-probe\\nVersion: 1\\n"
        "Architecture: all\\nMaintainer: nobody <nobody@localhost>\\nDescription: x\\n'"
        " > p/DEBIAN/control && dpkg-deb -b p probe.deb >/dev/null"
        " && sudo apt-get install -y ./probe.deb >/dev/null",
        timeout=120,
    )
    assert box.shell("vibe-probe") == "installed"
    assert not Path("/usr/bin/vibe-probe").exists()


def test_what_root_has_changed_is_there_after_a_restart(full, rooted):
    box = rooted()
    box.shell("echo kept > /usr/kept; rm /usr/bin/env", sudo=True)
    full.kill(box.handle)
    again = rooted(root=box.spec.root, base=box.spec.base)
    assert again.shell("cat /usr/kept") == "kept"
    assert again.run("/usr/bin/env")[0].code == 127


def test_a_sandbox_without_its_python_still_starts(full, rooted):
    box = rooted()
    box.shell("rm -f /usr/bin/python3*", sudo=True)
    full.kill(box.handle)
    assert rooted(root=box.spec.root, base=box.spec.base).shell("sudo id -u") == "0"


@pytest.mark.parametrize(
    "script",
    [
        "mount -t tmpfs none /mnt", "umount /usr", "mknod /tmp/d b 254 0", "unshare -U true",
        "hostname other", "echo x > /proc/sys/kernel/core_pattern", "kill -9 1 && ! true",
        "cat /proc/1/environ", "ip link add x type dummy", "date -s 2001-01-01",
        "touch /run/vibe/usr/x",
        "touch /run/vibe/agent/x", "chroot / mount -t proc none /mnt",
    ],
)  # fmt: skip
def test_root_inside_is_nobody_outside(rooted, script):
    box = rooted()
    assert box.run("sh", "-c", script, sudo=True)[0].code != 0
    assert box.agent.ping()["uptime"] >= 0


def test_no_process_has_an_id_of_the_host(rooted):
    box = rooted()
    with box.begin("sh", "-c", "echo up; sleep 60", sudo=True) as command:
        read_until(command.stdout, b"up")
        uids = Path(f"/proc/{box.handle.pid}/status").read_text().split("Uid:")[1].split()[:4]
        assert set(uids) == {str(box.spec.base)}
    box.shell("touch /opt/x; chmod 4755 /opt/x", sudo=True)
    planted = box.spec.root / "system/top/opt/x"
    assert planted.stat().st_uid == box.spec.base


def test_secrets_of_the_host_are_not_in_its_etc_and_var(rooted):
    box = rooted()
    shadow = box.shell("cat /etc/shadow", sudo=True)
    assert all(line.split(":")[1] == "*" for line in shadow.splitlines())
    for path in ("/etc/ssh", "/etc/ssl/private", "/etc/machine-id",
                 "/var/cache/debconf/passwords.dat",
                 "/etc/apt/auth.conf.d", "/var/lib/postgresql", "/etc/environment"):  # fmt: skip
        assert box.run("ls", path, sudo=True)[0].code != 0, path


def test_programs_may_open_their_streams_by_name(rooted):
    box = rooted()
    assert box.shell("echo a > /dev/stdout; echo b > /dev/stderr") == "a"
    assert box.shell("echo a > /dev/stdout", sudo=True) == "a"


def test_its_state_is_removed_with_ordinary_means(full, rooted):
    box = rooted()
    box.shell("rm -r /usr/share/doc/adduser /etc/skel; mkdir -m 0 /opt/closed", sudo=True)
    assert [path.name for path in directories.state_of(box.spec.root)] == [
        "workspace",
        "home",
        "tmp",
        "system",
    ]


def test_a_sandbox_with_a_read_only_system_says_why_there_is_no_sudo(isolated):
    ended, _, err = isolated.run("sudo", "id")
    assert ended.code == 1
    assert "no root" in err and "pip install --user" in err
