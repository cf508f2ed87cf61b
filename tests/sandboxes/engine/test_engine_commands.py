"""How commands run: output, exit, signals, time limits, descendants. Both levels."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from sandboxes.engine import EngineError, ExecSpec, RequestRefused
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import drain, exit_of, read_until


def test_a_command_that_succeeds_has_code_zero(box):
    ended, _, _ = box.run("true")
    assert (ended.code, ended.signal, ended.error, ended.timed_out) == (0, None, "", False)


def test_a_command_that_fails_has_its_own_code(box):
    ended, _, _ = box.run("sh", "-c", "exit 37")
    assert ended.code == 37


def test_a_killed_command_says_which_signal_killed_it(box):
    ended, _, _ = box.run("sh", "-c", "kill -SEGV $$")
    assert (ended.code, ended.signal) == (None, signal.SIGSEGV)


def test_stdout_and_stderr_come_apart(box):
    _, out, err = box.run("sh", "-c", "echo one; echo two >&2")
    assert (out, err) == ("one\n", "two\n")


def test_standard_input_is_empty(box):
    ended, out, _ = box.run("cat")
    assert (ended.code, out) == (0, "")


def test_bytes_come_through_unchanged(box):
    with box.begin("sh", "-c", r"printf '\000\377\033[1m\r\n'") as command:
        assert drain(command.stdout) == b"\x00\xff\x1b[1m\r\n"


def test_arguments_are_not_interpreted_by_a_shell(box):
    _, out, _ = box.run("printf", "%s|", "a b", "$HOME", "*", "", "ü")
    assert out == "a b|$HOME|*||ü|"


def test_the_working_directory_is_the_workspace(box):
    box.run("touch", "marker")
    assert (box.workspace / "marker").exists()


def test_a_relative_working_directory_lies_below_the_workspace(box):
    box.shell("mkdir -p a/b")
    box.run("touch", "marker", cwd="a/b")
    assert (box.workspace / "a/b/marker").exists()


def test_the_public_name_of_the_workspace_works_as_working_directory(box):
    box.shell("mkdir inner")
    box.run("touch", "marker", cwd="/vercel/sandbox/inner")
    assert (box.workspace / "inner/marker").exists()


def test_a_missing_working_directory_is_named(box):
    ended, _, _ = box.run("true", cwd="not/there")
    assert ended.code == 126
    assert "Working directory" in ended.error and "not/there" in ended.error


def test_an_unknown_program_is_127_with_a_reason(box):
    ended, _, _ = box.run("no-such-program")
    assert (ended.code, ended.error) == (127, "No such file or directory: no-such-program")


def test_a_file_that_is_not_executable_is_126_with_a_reason(box):
    ended, _, _ = box.run("/etc/passwd")
    assert (ended.code, ended.error) == (126, "Permission denied: /etc/passwd")


def test_a_program_is_found_along_the_path_of_its_own_environment(box):
    box.shell("mkdir tools; printf '#!/bin/sh\\necho mine\\n' > tools/greet; chmod +x tools/greet")
    path = f"{box.shell('pwd')}/tools:/usr/bin:/bin"
    assert box.run("greet", env={"PATH": path})[1] == "mine\n"


def test_the_environment_of_a_command_wins_over_that_of_the_sandbox(engine, start):
    box = start(engine, env={"A": "sandbox", "B": "sandbox"})
    assert box.shell("echo $A $B", env={"B": "command"}) == "sandbox command"


def test_usage_is_reported(box):
    ended, _, _ = box.run("python3", "-c", "sum(range(3_000_000)); x = b'x' * 50_000_000")
    assert ended.cpu_seconds > 0.01
    assert ended.max_rss > 50_000_000
    assert ended.wall_seconds >= 0.01


def test_a_signal_reaches_the_whole_group(box):
    with box.begin("sh", "-c", "sleep 100 & echo ready; wait") as command:
        read_until(command.stdout, b"ready")
        box.agent.signal(command.command, signal.SIGTERM)
        assert exit_of(command).signal == signal.SIGTERM
        drain(command.stdout)  # its end proves that the sleep is gone too


def test_a_command_that_runs_out_of_time_is_ended_and_says_so(box):
    began = time.monotonic()
    ended, _, _ = box.run("sleep", "100", timeout=0.2)
    assert (ended.timed_out, ended.signal) == (True, signal.SIGTERM)
    assert time.monotonic() - began < 5


@pytest.mark.slow
def test_a_command_that_ignores_term_is_killed_after_the_grace(full, start):
    box = start(full)
    ended, _, _ = box.run("sh", "-c", "trap '' TERM; while :; do sleep 1; done", timeout=0.2)
    assert (ended.timed_out, ended.signal) == (True, signal.SIGKILL)
    assert 5 <= ended.wall_seconds < 8


def test_the_exit_is_told_when_the_main_process_ends_not_when_its_output_does(box):
    with box.begin("sh", "-c", "(sleep 0.3; echo late) & echo early") as command:
        assert exit_of(command).code == 0
        assert drain(command.stdout) == b"early\nlate\n"


def test_a_command_finds_only_its_three_descriptors_open(box):
    assert box.shell("cd /proc/self/fd; for f in *; do [ ! -e $f ] || echo $f; done") == "0\n1\n2"


def test_a_command_leads_its_own_session_and_group(box):
    script = "import os; print(os.getsid(0) == os.getpgid(0) == os.getpid())"
    assert box.run("python3", "-c", script)[1] == "True\n"


def test_signals_have_their_default_disposition(box):
    script = "grep -E '^Sig(Ign|Blk)' /proc/self/status | cut -f2 | sort -u"
    assert box.shell(script) == "0000000000000000"


def test_many_commands_at_once_keep_their_output_apart(box):
    results: dict[int, str] = {}

    def one(number: int) -> None:
        results[number] = box.run("sh", "-c", f"sleep 0.05; echo {number}")[1]

    threads = [threading.Thread(target=one, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == {number: f"{number}\n" for number in range(30)}


def test_output_beyond_the_pipe_waits_for_its_reader(box):
    with box.begin("sh", "-c", "head -c 3000000 /dev/zero; echo end >&2") as command:
        assert len(drain(command.stdout)) == 3_000_000
        assert exit_of(command).code == 0


def test_commands_are_listed_with_their_exit(box):
    running = box.begin("sleep", "100")
    with running, box.begin("sh", "-c", "exit 3") as ended:
        exit_of(ended)
        listed = {entry["command"]: entry for entry in box.agent.commands()}
    assert listed[running.command]["running"] is True
    assert listed[ended.command]["exit"]["code"] == 3


def test_more_commands_than_fit_in_one_message_are_listed(full, start):
    box = start(full)
    names = set()
    for _ in range(130):
        with box.begin("true") as command:
            names.add(command.command)
            exit_of(command)
    assert {entry["command"] for entry in box.agent.commands()} == names


def test_a_command_name_is_used_once(box):
    with box.begin("true") as command, pytest.raises(RequestRefused) as refused:
        box.agent.exec(ExecSpec(command.command, ["true"]))
    assert refused.value.code == "exists"


@pytest.mark.parametrize(
    "wrong",
    [
        {"argv": []},
        {"argv": ["echo", "a\0b"]},
        {"argv": ["true"], "env": {"A=B": "x"}},
        {"argv": ["true"], "env": {"A": "x\0y"}},
        {"argv": ["true"], "cwd": "a\0b"},
    ],
)
def test_what_no_process_can_be_given_is_refused(box, wrong):
    with pytest.raises(RequestRefused) as refused:
        box.agent.exec(ExecSpec("wrong", **wrong))
    assert refused.value.code == "invalid"
    assert box.run("true")[0].code == 0


def test_a_command_line_that_is_too_long_is_refused_with_advice(box):
    with pytest.raises(EngineError) as refused:
        box.begin("echo", "x" * 300_000)
    assert "file" in refused.value.hint


def test_descriptors_are_given_back(box):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        box.run("true")
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_agent_gives_descriptors_back_after_release(isolated):
    directory = f"/proc/{isolated.handle.pid}/fd"
    before = len(os.listdir(directory)) if os.access(directory, os.R_OK) else None
    if before is None:
        pytest.skip("the agent's descriptors can be counted by root only")
    for _ in range(5):
        with isolated.begin("true") as command:
            exit_of(command)
            isolated.agent.release(command.command)
    until(lambda: len(os.listdir(directory)) <= before)
    assert isolated.agent.commands() == []
