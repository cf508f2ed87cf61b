"""The host against an agent that lies, stalls and floods, and the agent against bad requests."""

from __future__ import annotations

import array
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from sandboxes.engine import (
    AgentClient,
    AgentProtocolError,
    AgentTimeout,
    EngineError,
    ExecSpec,
    FileError,
    SandboxGone,
    SandboxHandle,
)
from sandboxes.engine import sockets as engine_sockets
from tests.fixtures.waiting import until

Answer = Callable[[socket.socket, dict, list[int]], None]


@pytest.fixture
def liar(top) -> Iterator[Callable[[Answer], AgentClient]]:
    """liar(answer) -> a client whose agent is `answer(connection, request, descriptors)`."""
    path = top / "liar.sock"
    listener = engine_sockets.listen(path)
    threads: list[threading.Thread] = []
    done = threading.Event()

    def begin(answer: Answer) -> AgentClient:
        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        data, fds, _, _ = socket.recv_fds(connection, 1 << 20, 8)
                        if data:
                            answer(connection, json.loads(data), fds)
                        engine_sockets.close_all(fds)
                    except OSError:
                        continue

        threads.append(threading.Thread(target=serve))
        threads[0].start()
        return AgentClient(SandboxHandle("full", 1, 1, "", str(path), None, ""))

    yield begin
    done.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for thread in threads:
        thread.join(20)


def reply(**message: object) -> bytes:
    return json.dumps({"ok": True, **message}).encode()


def with_descriptors(make: Callable[[], list[int]], **message: object) -> Answer:
    """Answer with descriptors, and close them."""

    def answer(connection: socket.socket, _: dict, __: list[int]) -> None:
        fds = make()
        connection.sendmsg(
            [reply(**message)],
            [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))],
        )
        engine_sockets.close_all(fds)

    return answer


@pytest.fixture(autouse=True)
def no_leak() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    until(lambda: len(os.listdir("/proc/self/fd")) <= before, "the end of a leak of descriptors")


@pytest.mark.parametrize(
    "data",
    [
        b"not json",
        b"[1]",
        b'"text"',
        b"{" * 100_000,
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"ok": true',
    ],
)
def test_nonsense_is_a_protocol_error(liar, data):
    client = liar(lambda connection, *_: connection.send(data))
    with pytest.raises(AgentProtocolError):
        client.ping()


def test_a_message_that_is_too_large_is_a_protocol_error(liar):
    def answer(connection: socket.socket, *_: object) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        connection.send(reply(uptime="x" * 200_000))

    with pytest.raises(AgentProtocolError):
        liar(answer).ping()


def test_no_reply_is_a_time_out(liar):
    release = threading.Event()
    client = liar(lambda *_: release.wait(20))
    began = time.monotonic()
    try:
        with pytest.raises(AgentTimeout):
            client.ping(timeout=0.2)
    finally:
        release.set()
    assert time.monotonic() - began < 5


def test_hanging_up_is_told_as_gone(liar):
    with pytest.raises(SandboxGone):
        liar(lambda connection, *_: connection.close()).ping()


def test_nobody_listening_is_told_as_gone(top):
    with pytest.raises(SandboxGone):
        AgentClient(SandboxHandle("full", 1, 1, "", str(top / "none"), None, "")).ping()


def test_descriptors_that_nobody_asked_for_are_refused_and_closed(liar):
    client = liar(with_descriptors(lambda: [os.open("/dev/null", os.O_RDONLY)]))
    with pytest.raises(AgentProtocolError):
        client.ping()


def test_two_hundred_descriptors_are_refused_and_closed(liar):
    many = with_descriptors(lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(200)])
    client = liar(many)
    with pytest.raises(AgentProtocolError):
        client.connect(3000)


def a_file() -> list[int]:
    return [os.open("/etc/hostname", os.O_RDONLY)]


def a_unix_socket() -> list[int]:
    one, two = socket.socketpair()
    two.close()
    return [one.detach()]


def an_unconnected_socket() -> list[int]:
    return [socket.socket().detach()]


def a_datagram_socket() -> list[int]:
    return [socket.socket(socket.AF_INET, socket.SOCK_DGRAM).detach()]


@pytest.mark.parametrize("make", [a_file, a_unix_socket, a_datagram_socket, lambda: a_file() * 1])
def test_what_is_no_tcp_socket_is_not_taken_for_one(liar, make):
    with pytest.raises(AgentProtocolError):
        liar(with_descriptors(make)).connect(3000)


def test_a_reply_without_the_socket_is_a_protocol_error(liar):
    with pytest.raises(AgentProtocolError):
        liar(lambda connection, *_: connection.send(reply())).connect(3000)


def test_a_socket_that_never_connected_counts_as_refused(liar):
    with pytest.raises(ConnectionRefusedError):
        liar(with_descriptors(an_unconnected_socket)).connect(3000, timeout=1)


def pipes() -> list[int]:
    ends: list[int] = []
    for _ in range(4):
        ends += os.pipe()
    out_r, out_w, err_r, err_w, *spare = ends
    os.close(out_w)
    os.close(err_w)
    return [out_r, err_r, *spare]


def files_for_pipes() -> list[int]:
    return [os.open("/etc/hostname", os.O_RDONLY) for _ in range(6)]


def wrong_ends() -> list[int]:
    return list(reversed(pipes()))


@pytest.mark.parametrize("make", [a_file, files_for_pipes, wrong_ends])
def test_what_are_no_six_pipe_ends_are_not_taken_for_them(liar, make):
    with pytest.raises(AgentProtocolError):
        liar(with_descriptors(make, pid=5)).exec(ExecSpec("c", ["true"]))


@pytest.mark.parametrize("pid", [None, "5", [5]])
def test_a_command_without_a_number_is_refused(liar, pid):
    with pytest.raises(AgentProtocolError):
        liar(with_descriptors(pipes, pid=pid)).exec(ExecSpec("c", ["true"]))


def test_pipes_stay_non_blocking_whatever_the_agent_does_to_its_own(liar):
    kept: list[int] = []

    def answer(connection: socket.socket, _: dict, __: list[int]) -> None:
        ends = pipes()
        kept.extend(ends)
        socket.send_fds(connection, [reply(pid=5)], ends)
        for end in ends:
            os.set_blocking(end, True)

    with liar(answer).exec(ExecSpec("c", ["true"])) as command:
        for end in kept:
            os.set_blocking(end, True)
        with pytest.raises(BlockingIOError):
            os.read(command.inflight[0].read, 1)
        assert not os.get_blocking(command.stdout)
    engine_sockets.close_all(kept)


GOOD_EXIT = {
    "code": 0,
    "signal": None,
    "timed_out": False,
    "requested": False,
    "sandbox_ending": False,
    "left": 0,
    "error": "",
    "cpu_seconds": 0,
    "max_rss": 0,
    "wall_seconds": 0,
}


@pytest.mark.parametrize(
    "event",
    [
        {"event": "other"},
        {"event": "exit"},
        {"event": "exit", "exit": {}},
        {"event": "exit", "exit": {**GOOD_EXIT, "code": None}},
        {"event": "exit", "exit": {**GOOD_EXIT, "signal": 9}},
        {"event": "exit", "exit": {**GOOD_EXIT, "code": "x"}},
        {"event": "exit", "exit": {**GOOD_EXIT, "max_rss": float("inf")}},
        {"event": "exit", "exit": {**GOOD_EXIT, "left": "many"}},
        {"event": "exit", "exit": 5},
    ],
)
def test_an_exit_that_makes_no_sense_is_a_protocol_error(liar, event):
    def answer(connection: socket.socket, _: dict, __: list[int]) -> None:
        ends = pipes()
        socket.send_fds(connection, [reply(pid=5)], ends)
        engine_sockets.close_all(ends)
        connection.send(json.dumps(event).encode())

    with liar(answer).exec(ExecSpec("c", ["true"])) as command:
        command.connection.settimeout(5)
        with pytest.raises(AgentProtocolError):
            command.exit()


@pytest.mark.parametrize("ports", [None, "3000", [True], ["a"], {"a": 1}])
def test_ports_that_make_no_sense_are_a_protocol_error(liar, ports):
    with pytest.raises(AgentProtocolError):
        liar(lambda connection, *_: connection.send(reply(ports=ports))).ports()


def test_a_list_of_commands_that_never_ends_is_noticed(liar):
    client = liar(lambda connection, *_: connection.send(reply(commands=[], next=0)))
    with pytest.raises(AgentProtocolError):
        client.commands()


def streaming(content: bytes) -> Answer:
    """Answer a file operation with raw bytes on its stream."""

    def answer(connection: socket.socket, _: dict, fds: list[int]) -> None:
        connection.send(reply())
        with socket.socket(fileno=fds.pop()) as stream:
            stream.settimeout(5)
            stream.recv(4096)
            stream.sendall(content)

    return answer


def frame(message: object) -> bytes:
    data = json.dumps(message).encode()
    return len(data).to_bytes(4, "big") + data


def block(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


ENTRY = {"path": "f", "kind": "file", "size": 1, "mtime": 0, "mode": 420, "version": "1"}
OPENED = frame({"entry": ENTRY | {"target": ""}})
END, BROKEN_OFF = b"\0\0\0\0", b"\xff\xff\xff\xff"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xff\xff\xff",
        frame({"entry": ENTRY}),
        frame({"entry": ENTRY | {"target": "", "size": "big"}}),
        frame({"entry": [1]}),
        frame([]),
        frame({}),
        b"\0\0\0\2xx",
        OPENED + block(b"x" * 1001) + END,
        OPENED + b"\x7f\xff\xff\xff",
        OPENED + BROKEN_OFF + frame({}),
        OPENED + BROKEN_OFF + b"\0\0\0\2xx",
    ],
)
def test_a_file_stream_that_makes_no_sense_is_a_protocol_error(liar, content):
    with pytest.raises(AgentProtocolError):
        liar(streaming(content)).read_file("f", 1000)


@pytest.mark.parametrize(
    "content",
    [OPENED + b"\0\0\0\x64half", OPENED + block(b"no end"), OPENED[:-3], b"\0", b""],
)
def test_a_file_stream_that_breaks_off_is_a_file_error(liar, content):
    with pytest.raises(FileError) as raised:
        liar(streaming(content)).read_file("f", 1000)
    assert raised.value.code == "error"


def test_content_that_fails_in_its_middle_tells_why(liar):
    reason = frame({"error": "denied", "message": "no more"})
    content = OPENED + block(b"half") + BROKEN_OFF + reason
    with pytest.raises(FileError) as raised:
        liar(streaming(content)).read_file("f", 1000)
    assert (raised.value.code, str(raised.value)) == ("denied", "no more")


def test_a_file_stream_that_stalls_is_a_time_out(liar):
    release = threading.Event()

    def answer(connection: socket.socket, _: dict, __: list[int]) -> None:
        connection.send(reply())
        release.wait(20)

    client = liar(answer)
    try:
        with pytest.raises(FileError) as raised:
            client.read_file("f", 1000, timeout=0.2)
    finally:
        release.set()
    assert raised.value.code == "timeout"


@pytest.mark.parametrize(
    "listing",
    [
        {"entries": [[1]], "truncated": False},
        {"entries": [["f", "file", "x", 0, 0]], "truncated": False},
        {"entries": [["f", "file", 0, 0, 0]] * 11, "truncated": False},
        {"truncated": False},
        [],
    ],
)
def test_a_listing_that_makes_no_sense_is_a_protocol_error(liar, listing):
    data = json.dumps(listing).encode()
    with pytest.raises(AgentProtocolError):
        liar(streaming(frame({}) + block(data) + END)).list_files(limit=10)


@pytest.mark.parametrize(
    "matches",
    [
        {"matches": [[1]], "truncated": False, "files": 1},
        {"matches": [["f", "line", "text"]], "truncated": False, "files": 1},
        {"matches": [["f", 1, "text"]] * 11, "truncated": False, "files": 1},
        {"matches": [], "truncated": False},
        {"matches": 7, "truncated": False, "files": 0},
        None,
    ],
)
def test_matches_that_make_no_sense_are_a_protocol_error(liar, matches):
    data = json.dumps(matches).encode()
    with pytest.raises(AgentProtocolError):
        liar(streaming(frame({}) + block(data) + END)).search("x", limit=10)


@pytest.mark.parametrize(
    "data",
    [b"nonsense", b"[]", b"[" * 50_000, b"{}", b'{"op": "no"}', b'{"op": ["exec"]}', b"\xff"],
)
def test_the_agent_survives_requests_that_are_none(box, data):
    with engine_sockets.connect(box.agent.path, time.monotonic() + 5) as connection:
        connection.send(data)
        connection.settimeout(5)
        answer = connection.recv(1000)
    assert answer == b"" or json.loads(answer)["ok"] is False
    assert box.run("true")[0].code == 0


@pytest.mark.parametrize(
    "request_",
    [
        {"op": "exec"},
        {"op": "exec", "command": 5, "argv": ["true"]},
        {"op": "exec", "command": "c", "argv": "true"},
        {"op": "exec", "command": "c", "argv": ["true"], "env": []},
        {"op": "exec", "command": "c", "argv": ["true"], "timeout": "x"},
        {"op": "signal", "command": "c", "signum": 9},
        {"op": "connect", "port": 3000, "family": 1},
        {"op": "deadline", "seconds": "x"},
        {"op": "commands", "offset": "x"},
        {"op": "files"},
    ],
)
def test_the_agent_refuses_requests_that_make_no_sense(box, request_):
    from sandboxes.engine import calls

    with pytest.raises(EngineError):
        calls.ask(box.agent.path, request_)
    assert box.run("true")[0].code == 0


def test_a_client_that_never_reads_does_not_hold_up_the_agent(box):
    with engine_sockets.connect(box.agent.path, time.monotonic() + 5) as connection:
        connection.setblocking(False)
        try:
            for _ in range(100_000):
                connection.send(b'{"op": "ping"}')
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            pass
        assert box.run("true")[0].code == 0


def test_many_idle_clients_do_not_hold_up_the_agent(box):
    idle = [engine_sockets.connect(box.agent.path, time.monotonic() + 5) for _ in range(200)]
    try:
        assert box.run("true")[0].code == 0
    finally:
        for connection in idle:
            connection.close()


def test_descriptors_sent_without_need_are_closed_by_the_agent(isolated):
    directory = f"/proc/{isolated.handle.pid}/fd"
    if not os.access(directory, os.R_OK):
        pytest.skip("the agent's descriptors can be counted by root only")
    before = len(os.listdir(directory))
    with (
        engine_sockets.connect(isolated.agent.path, time.monotonic() + 5) as connection,
        open("/dev/null") as file,
    ):
        for _ in range(10):
            socket.send_fds(connection, [b'{"op": "ping"}'], [file.fileno()] * 4)
            connection.recv(1000)
    until(lambda: len(os.listdir(directory)) <= before)
