"""Level "reduced": what it promises on hosts that forbid namespaces."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sandboxes.engine import Limits, RequestRefused, TerminalSize, levels, processes
from sandboxes.engine.agent.processes import descendants
from sandboxes.engine.landlock import abi
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import exit_of, read_until
from tests.sandboxes.engine.installed import ROOT, copied

FIRST_PORT = 31_000
CANARY = "canary-5c77aa"


@pytest.fixture
def confined(start):
    """A sandbox of level reduced, with the TCP ports from 31000 on."""
    if problem := abi.problem():
        pytest.skip(problem)
    return start(levels.of_level("reduced"), first_port=FIRST_PORT)


def python(box, script: str, *arguments: str) -> str:
    """What a script prints, or the last line of its error."""
    _, out, err = box.run("python3", "-c", textwrap.dedent(script), *arguments)
    return out.strip() or err.strip().splitlines()[-1]


def test_it_works(confined):
    assert confined.shell("echo $((6 * 7)); echo hi > f; cat f").splitlines() == ["42", "hi"]


def test_files_go_through_the_agent(confined):
    confined.agent.write_files([("a/b.txt", b"text", None)])
    assert confined.agent.read_file("a/b.txt", 100) == b"text"
    assert confined.shell("cat a/b.txt") == "text"


def test_home_and_temporary_directory_are_its_own(confined):
    script = "echo 1 > ~/f; echo 2 > $TMPDIR/f; mktemp; cat ~/f $TMPDIR/f"
    out = confined.shell(script).splitlines()
    assert out[0].startswith(str(confined.spec.root)) and out[1:] == ["1", "2"]


@pytest.mark.parametrize("folder", ["/etc", "/usr", "/tmp", "/dev/shm", "/var/tmp", "/"])
def test_nothing_else_can_be_written(confined, folder):
    path = f"{folder}/{confined.spec.name}.written"
    assert confined.run("touch", path)[0].code != 0
    assert not os.path.exists(path)


def test_what_everybody_else_may_read_it_may_not(confined, top):
    (top / "open").mkdir(mode=0o755)
    secret = top / "open/secret"
    secret.write_text(CANARY)
    secret.chmod(0o644)
    for script in (f"cat {secret}", f"ls {secret.parent}", f"cp {secret} f", f"ln {secret} f",
                   f"ln -s {secret} l; cat l", f"mv {secret} f", f"truncate -s 0 {secret}",
                   f"rm {secret}", f"echo > {secret}"):  # fmt: skip
        ended, out, _ = confined.run("bash", "-c", script)
        assert ended.code != 0 and CANARY not in out, script
    assert secret.read_text() == CANARY


def test_another_sandbox_is_closed(confined, start):
    other = start(levels.of_level("reduced"), first_port=FIRST_PORT + 10)
    other.shell("echo mine > f; chmod -R 777 .")
    assert confined.run("cat", str(other.workspace / "f"))[0].code != 0


def test_secrets_of_the_platform_are_not_found(start, monkeypatch, top):
    if problem := abi.problem():
        pytest.skip(problem)
    monkeypatch.setenv("SECRET_KEY", CANARY)
    with open(top / "open-secret", "w+") as file:
        file.write(CANARY)
        file.flush()
        os.set_inheritable(file.fileno(), True)
        box = start(levels.of_level("reduced"))
        script = "env; cat /proc/*/environ /proc/*/cmdline; ls -l /proc/*/fd; cat /proc/self/fd/3"
        _, out, _ = box.run("bash", "-c", f"({script}) 2>/dev/null")
    assert CANARY not in out and "open-secret" not in out


def test_processes_outside_cannot_be_touched(confined):
    pid = str(os.getpid())
    assert "PermissionError" in python(
        confined, "import os, sys; os.kill(int(sys.argv[1]), 0)", pid
    )
    for name in ("environ", "maps", "fd/0", "mem"):
        assert confined.run("cat", f"/proc/{pid}/{name}")[0].code != 0
    script = "import sys, resource as r; r.prlimit(int(sys.argv[1]), r.RLIMIT_CPU, (1, 1))"
    assert "PermissionError" in python(confined, script, pid)
    assert "PermissionError" in python(
        confined, "import os, sys; os.setpriority(0, int(sys.argv[1]), 9)", pid
    )


def test_the_keeper_cannot_be_killed_and_the_agent_takes_nothing_along(confined):
    keeper = confined.handle.pid
    assert confined.run("sh", "-c", f"kill -9 {keeper}")[0].code != 0
    (agent,) = [pid for pid in descendants(keeper) if parent(pid) == keeper]
    left = confined.begin("sh", "-c", "setsid sleep 60 & echo started; sleep 60")
    with left:
        read_until(left.stdout, b"started")
        below = descendants(keeper)
        os.kill(agent, signal.SIGKILL)
        until(lambda: not confined.engine.alive(confined.handle))
    until(lambda: not [pid for pid in below if processes.started_at(pid)])


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_commands_of_one_sandbox_can_signal_each_other(confined):
    with confined.begin("sleep", "60") as command:
        confined.shell(f"kill {command.pid}")
        assert exit_of(command).signal == signal.SIGTERM


def test_ending_it_leaves_nothing(confined):
    with confined.begin("sh", "-c", "setsid sleep 61 & echo started; sleep 61") as command:
        read_until(command.stdout, b"started")
        below = descendants(confined.handle.pid)
        confined.engine.kill(confined.handle)
    assert not [pid for pid in below if processes.started_at(pid)]


@pytest.mark.skipif(not abi.closes_network(), reason="Landlock without network rules")
def test_servers_of_the_host_are_out_of_reach(confined):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"
        assert "PermissionError" in python(confined, connect, str(port))
        fast = (
            "import socket, sys; s = socket.socket(); "
            "s.sendto(b'x', socket.MSG_FASTOPEN, ('127.0.0.1', int(sys.argv[1])))"
        )
        assert "PermissionError" in python(confined, fast, str(port))


@pytest.mark.skipif(not abi.closes_network(), reason="Landlock without network rules")
def test_only_its_own_ports_can_be_opened(confined):
    bind = (
        "import socket, sys; socket.create_server(('127.0.0.1', int(sys.argv[1]))); print('open')"
    )
    assert python(confined, bind, str(FIRST_PORT + 9)) == "open"
    assert "PermissionError" in python(confined, bind, str(FIRST_PORT + 10))


def test_a_server_on_its_port_is_found_and_reached(confined):
    with confined.begin(
        "sh", "-c", "exec python3 -m http.server $PORT --bind 127.0.0.1"
    ) as command:
        until(lambda: confined.agent.ports() == [FIRST_PORT])
        with confined.agent.connect(FIRST_PORT) as sock:
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert sock.recv(100).startswith(b"HTTP/1.0 200")
        confined.agent.signal(command.command, signal.SIGKILL)


@pytest.mark.parametrize(
    "arguments",
    ["AF_INET, socket.SOCK_DGRAM", "AF_INET6, socket.SOCK_DGRAM", "AF_UNIX", "AF_PACKET",
     "AF_VSOCK", "AF_INET, socket.SOCK_STREAM, 262", "AF_INET, socket.SOCK_RAW"],
)  # fmt: skip
def test_sockets_beyond_tcp_are_refused(confined, arguments):
    out = python(confined, f"import socket; socket.socket(socket.{arguments})")
    assert "Errno 97" in out


def test_pairs_and_pipes_work(confined):
    assert python(confined, "import asyncio; asyncio.run(asyncio.sleep(0)); print('ran')") == "ran"


def test_no_namespace_can_be_made(confined):
    assert confined.run("unshare", "-U", "true")[0].code != 0
    clone = (
        "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True)\n"
        "print(libc.syscall(56 if os.uname().machine == 'x86_64' else 220, 0x10000011, 0, 0, 0, 0))"
    )
    assert python(confined, clone) == "-1"


def test_shared_memory_of_the_host_is_refused(confined):
    number = {"x86_64": 29, "aarch64": 194}[os.uname().machine]
    script = f"import ctypes; print(ctypes.CDLL(None).syscall({number}, 0, 4096, 0o1600))"
    assert python(confined, script) == "-1"


def test_its_user_is_its_own_when_we_are_root(confined):
    uid = confined.spec.uid if confined.spec.uid is not None else os.geteuid()
    assert confined.shell("id -u; id -g").split()[0] == str(uid) != "0"
    wanted = {"NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t" + "0" * 16}
    assert wanted <= set(confined.shell("cat /proc/self/status").splitlines())


def test_node_and_npm_start(confined):
    if confined.run("node", "--version")[0].code != 0:
        pytest.skip("no node on this machine that the sandbox could run")
    assert confined.shell("node -e 'console.log(6*7, process.memoryUsage().rss > 0)'") == "42 true"


def test_limits_hold(start):
    if problem := abi.problem():
        pytest.skip(problem)
    box = start(levels.of_level("reduced"), limits=Limits(open_files=99, file_bytes=1 << 20))
    assert box.shell("ulimit -n; ulimit -f; ulimit -c") == "99\n1024\n0"


CHOOSE = """
import json, sys, tempfile
from pathlib import Path
from sandboxes.engine import levels
full, reduced, plain = levels.report()
chosen = levels.choose(allow_unisolated=True)
print(json.dumps({"full": full.works, "why": full.reason, "hint": full.hint,
                  "reduced": reduced.works, "said": reduced.reason, "chosen": chosen.level}))
"""
FORBID = Path(__file__).with_name("without_namespaces.py")


def chosen_without_namespaces(top: Path, uid: int) -> dict:
    env = {**copied(top / "app"), "TMPDIR": str(top / "tmp")}
    (top / "tmp").mkdir()
    (top / "tmp").chmod(0o1777)
    script = shutil.copy(FORBID, top / "app")
    done = subprocess.run(
        ["/usr/bin/python3", script, str(uid), "/usr/bin/python3", "-c", CHOOSE],
        env=env, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def may_make_namespaces() -> bool:
    return subprocess.run(["unshare", "-U", "true"], capture_output=True).returncode == 0


NAMESPACES = pytest.mark.skipif(not may_make_namespaces(), reason="namespaces are forbidden here")


@NAMESPACES
@pytest.mark.parametrize("uid", [os.geteuid(), pytest.param(230_001, marks=ROOT)])
def test_it_is_chosen_where_namespaces_are_forbidden(top, uid):
    if problem := abi.problem():
        pytest.skip(problem)
    seen = chosen_without_namespaces(top, uid)
    assert (seen["full"], seen["reduced"], seen["chosen"]) == (False, True, "reduced"), seen
    assert seen["why"] and "max_user_namespaces" in seen["hint"]


def test_a_weaker_confinement_is_found_out(top, monkeypatch):
    if problem := abi.problem():
        pytest.skip(problem)
    from sandboxes.engine import EngineUnavailable
    from sandboxes.engine.landlock import rules
    from sandboxes.engine.selftest import self_test

    monkeypatch.setattr(rules, "READ", (*rules.READ, "/"))
    with pytest.raises(EngineUnavailable, match="weaker"):
        self_test(levels.of_level("reduced"), top)


def test_a_start_is_quick(confined, start):
    began = time.monotonic()
    start(levels.of_level("reduced"))
    assert time.monotonic() - began < 10, sys.platform


@ROOT
def test_a_terminal_opens(confined):
    size = TerminalSize(90, 20)
    with confined.begin("sh", "-c", "stty size; echo through >/dev/tty", terminal=size) as command:
        assert read_until(command.stdout, b"through").startswith(b"20 90")


@pytest.mark.skipif(os.geteuid() == 0, reason="about an ordinary user, whose own terminals show")
def test_an_ordinary_users_terminals_stay_closed(confined):
    with pytest.raises(RequestRefused, match="no terminals at this level"):
        confined.begin("true", terminal=TerminalSize(90, 20))
