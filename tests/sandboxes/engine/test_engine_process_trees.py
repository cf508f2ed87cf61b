"""Everything that a command has started ends with it, however it hides; what stays is counted."""

from __future__ import annotations

import signal
import time
from contextlib import suppress

import pytest

from sandboxes.engine import SandboxGone, TerminalSize, levels
from sandboxes.engine.agent import processes
from sandboxes.engine.agent.processes import descendants
from sandboxes.engine.landlock import abi
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import Box, exit_of, read_until

# Twice forked, in a session of its own, no descriptor open, no environment, elsewhere.
DAEMON = """
import os, sys
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
os.chdir("/")
os.closerange(0, 1024)
os.execve("/bin/sleep", ["sleep", "1000"], {})
"""
# Its children that lose their parent become its own, and not the agent's.
REAPER = """
import ctypes, subprocess, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
subprocess.run(["sh", "-c", "setsid sleep 1000 & setsid sleep 1000 &"])
time.sleep(1000)
"""
# Looks like a zombie in /proc, and runs.
HEADLESS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).pthread_exit(None)
"""
# Each process lives for no longer than it takes to start the next one. On a busy machine those that
# have ended pile up, until no process more is allowed for a moment.
HOPPER = """
import os, time
os.setsid()
while True:
    try:
        if os.fork(): os._exit(0)
    except OSError: pass
"""
HIDING = {
    "in a session of its own": "setsid sleep 1000 &",
    "without hang-up": "nohup sleep 1000 >/dev/null 2>&1 &",
    "deaf to TERM": "(trap '' TERM; exec sleep 1000) &",
    "deaf in a session": "setsid sh -c 'trap \"\" TERM HUP INT; while :; do sleep 1; done' &",
    "forked twice": f"python3 -c '{DAEMON}'",
    "below a subreaper": f"setsid python3 -c '{REAPER}' & sleep 0.3",
    "a process without its first thread": f"setsid python3 -c '{HEADLESS}' & sleep 0.3",
    "from process to process": f"python3 -c '{HOPPER}' &",
    "stopped": "setsid sh -c 'kill -STOP $$' &",
    "with its mark taken off": "(ulimit -x 7; exec setsid sleep 1000) &",
}
OPENLY = {how: script for how, script in HIDING.items() if "mark" not in how}
each_way_to_hide = pytest.mark.parametrize("hiding", HIDING.values(), ids=HIDING)


class Tree:
    """What runs in a sandbox besides its own processes, as the host sees it."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.before = set(descendants(box.handle.pid))

    def pids(self) -> set[int]:
        return set(descendants(self.box.handle.pid)) - self.before


@pytest.fixture
def tree(anywhere):
    return Tree(anywhere)


def begun(box: Box, script: str, **options: object):
    command = box.begin("bash", "-c", f"{script}\necho up; sleep 1000", **options)
    read_until(command.stdout, b"up")
    return command


def test_nothing_is_left_when_its_time_is_over(anywhere, tree):
    with begun(anywhere, "\n".join(HIDING.values()), timeout=5.0, grace=0.2) as command:
        assert len(tree.pids()) > len(HIDING)
        ended = exit_of(command)
        assert (tree.pids(), ended.timed_out, ended.left) == (set(), True, 0)


@each_way_to_hide
def test_nothing_is_left_when_it_is_killed(anywhere, tree, hiding):
    with begun(anywhere, hiding) as command:
        anywhere.agent.signal(command.command, signal.SIGKILL)
        ended = exit_of(command)
        assert (tree.pids(), ended.requested, ended.left) == (set(), True, 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_nothing_is_left_when_a_signal_has_ended_it(full, start, number):
    box = start(full)
    tree = Tree(box)
    with begun(box, "setsid sleep 1000 & setsid nohup sleep 1000 &") as command:
        box.agent.signal(command.command, number)
        ended = exit_of(command)
        assert (tree.pids(), ended.signal, ended.requested) == (set(), number, True)


def test_term_comes_first_and_to_all_of_it(anywhere, tree):
    told = "python3 -c 'import signal, sys; signal.signal(15, lambda *_: (print(1), sys.exit())); "
    told += 'print("up", flush=True); signal.pause()\''
    with anywhere.begin("bash", "-c", f"setsid {told} & {told} & wait") as command:
        said = read_until(command.stdout, b"up\nup\n")
        anywhere.agent.end(command.command, grace=20.0)
        said = read_until(command.stdout, b"1\n1\n")
        assert (said, exit_of(command).signal, tree.pids()) == (b"1\n1\n", signal.SIGTERM, set())


def test_without_a_grace_it_is_killed_on_time(anywhere):
    deaf = "trap '' TERM; while :; do sleep 0.1; done"
    began = time.monotonic()
    ended, _, _ = anywhere.run("sh", "-c", deaf, timeout=0.5, grace=0.0)
    assert (ended.timed_out, ended.signal) == (True, signal.SIGKILL)
    assert time.monotonic() - began < 4


def test_a_fork_bomb_is_ended_with_its_time(anywhere, tree):
    bomb = "f() { f | f & }; f; sleep 1000"
    with anywhere.begin("bash", "-c", bomb, timeout=1.0, grace=0.0) as command:
        ended = exit_of(command)
        assert (tree.pids(), ended.timed_out, ended.left) == (set(), True, 0)
    assert anywhere.shell("echo well") == "well"


def test_a_program_left_on_purpose_stays_and_is_counted(anywhere, tree):
    with anywhere.begin("bash", "-c", f"{HIDING['forked twice']}\nexit 3") as command:
        ended = exit_of(command)
        assert ended.code == 3 and ended.left > 0
        anywhere.agent.release(command.command)
        until(lambda: anywhere.agent.left(command.command) == len(tree.pids()) == 1)
        assert anywhere.run("true")[0].left == 0
        assert anywhere.agent.left(command.command) == 1


@pytest.mark.parametrize("hiding", OPENLY.values(), ids=OPENLY)
def test_what_was_left_can_be_ended_later(anywhere, tree, hiding):
    with anywhere.begin("bash", "-c", hiding) as command:
        assert exit_of(command).code == 0
        anywhere.agent.release(command.command)
        anywhere.agent.signal(command.command, signal.SIGKILL)
        until(lambda: anywhere.agent.left(command.command) == 0)
        assert tree.pids() == set()


def test_what_was_left_is_forgotten_when_it_ends_by_itself(anywhere):
    with anywhere.begin("bash", "-c", "setsid sleep 0.3 &") as command:
        assert exit_of(command).left == 1
        anywhere.agent.release(command.command)
        until(lambda: anywhere.agent.left(command.command) == 0)
        assert command.command not in [one["command"] for one in anywhere.agent.commands()]


def test_what_took_its_mark_off_ends_with_the_next_command_that_is_ended(anywhere, tree):
    with anywhere.begin("bash", "-c", "ulimit -x 7; setsid sleep 1000 &") as command:
        exit_of(command)
    assert len(tree.pids()) == 1
    with begun(anywhere, "true") as command:
        anywhere.agent.end(command.command, grace=0.0)
        exit_of(command)
    assert tree.pids() == set()


@pytest.mark.parametrize(("for_left", "stays"), [(True, 0), (False, 1)])
def test_a_time_limit_can_be_for_what_is_left_too(anywhere, tree, for_left, stays):
    options = {"timeout": 0.7, "grace": 0.1, "limits_left": for_left}
    with anywhere.begin("bash", "-c", "setsid sleep 1000 &", **options) as command:
        ended = exit_of(command)
        assert (ended.left, ended.timed_out) == (1, False)
        with anywhere.begin("sleep", "1.5") as later:
            exit_of(later)
        assert len(tree.pids()) == stays


def test_one_command_ends_and_others_with_their_daemons_do_not(anywhere, tree):
    with begun(anywhere, "setsid sleep 1001 &") as one, begun(anywhere, "setsid sleep 1002 &"):
        anywhere.agent.end(one.command, grace=0.0)
        exit_of(one)
        lines = anywhere.shell("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '")
        # With the name: the agent's own line holds numbers of all kinds.
        assert "sleep 1002" in lines and "sleep 1001" not in lines


def test_a_port_is_free_again_when_a_command_is_said_to_be_over(anywhere):
    serve = "exec setsid python3 -m http.server --bind 127.0.0.1 31000"
    for _ in range(3):
        with anywhere.begin("bash", "-c", f"({serve}) & sleep 1000") as command:
            until(lambda: 31000 in anywhere.agent.ports())
            anywhere.agent.end(command.command, grace=0.0)
            exit_of(command)
    bind = "import socket; socket.create_server(('127.0.0.1', 31000)); print('free')"
    assert anywhere.shell(f'python3 -c "{bind}"') == "free"


def test_what_sudo_has_started_ends_with_the_one_that_asked(rooted):
    box = rooted()
    tree = Tree(box)
    deaf = "trap '' TERM HUP; setsid sleep 1000 & sleep 1000"
    script = f'setsid sudo bash -c "{deaf}" & sudo sleep 1000 &'
    with begun(box, script) as command:
        until(lambda: box.shell("pgrep -c -u root -x sleep || true") == "3")
        box.agent.end(command.command, grace=0.2)
        assert (exit_of(command).left, tree.pids()) == (0, set())


def test_a_terminal_hangs_up_and_nothing_of_it_is_left(full, start):
    box = start(full)
    tree = Tree(box)
    script = (
        "trap 'echo hung up; exit' HUP; setsid nohup sleep 1000 & echo up; while :; do read; done"
    )
    with box.begin("bash", "-c", script, stdin=True, terminal=TerminalSize()) as command:
        read_until(command.stdout, b"up")
        box.agent.end(command.command, grace=5.0)
        read_until(command.stdout, b"hung up")
        assert (exit_of(command).code, tree.pids()) == (0, set())


def test_a_sandbox_that_ends_says_so_of_its_commands(anywhere):
    with begun(anywhere, "true") as command:
        anywhere.agent.shutdown()
        ended = exit_of(command)
        assert (ended.signal, ended.sandbox_ending, ended.requested) == (15, True, False)


def test_a_crash_of_its_own_is_nobodys_request(anywhere):
    ended, _, _ = anywhere.run("bash", "-c", "kill -SEGV $$")
    assert (ended.signal, ended.requested, ended.sandbox_ending) == (signal.SIGSEGV, False, False)


@pytest.mark.parametrize("level", ["reduced", "none"])
def test_nothing_outlives_an_agent_that_one_of_its_commands_has_killed(start, level):
    if level == "reduced" and (problem := abi.problem()):
        pytest.skip(problem)
    box = start(levels.of_level(level))
    tree = Tree(box)
    hidden = (HIDING[how] for how in ("forked twice", "deaf to TERM", "in a session of its own"))
    with begun(box, "\n".join(hidden)):
        until(lambda: len(tree.pids()) >= 4)
        pids = tree.pids()
        with suppress(SandboxGone):  # it may be faster than the answer
            box.begin("sh", "-c", "kill -KILL $PPID").close()
        until(lambda: not box.engine.alive(box.handle))
        box.engine.kill(box.handle)
        assert [pid for pid in pids if processes.look(pid)] == []
