"""Sockets into the sandbox, and none out of it."""

from __future__ import annotations

import socket

import pytest

from sandboxes.engine import RequestRefused
from tests.sandboxes.engine.boxes import exit_of, read_until

SERVER = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], int(sys.argv[2]))); s.listen(8); print("ready", s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept(); c.sendall(sys.argv[3].encode()); c.close()
"""


def serve(box, port: int, text: str = "hello", address: str = "127.0.0.1"):
    command = box.begin("python3", "-c", SERVER, address, str(port), text)
    return command, int(read_until(command.stdout, b"\n").split()[1])


def fetch(box, port: int) -> bytes:
    with box.agent.connect(port) as sock:
        sock.settimeout(10)
        return sock.recv(100)


def test_two_sandboxes_listen_on_the_same_port_and_answer_each_for_itself(full, start):
    one, two = start(full), start(full)
    with serve(one, 3000, "one")[0], serve(two, 3000, "two")[0]:
        assert (fetch(one, 3000), fetch(two, 3000)) == (b"one", b"two")


def test_a_server_without_isolation_is_reached_too(box):
    command, port = serve(box, 0, "hello")
    with command:
        assert fetch(box, port) == b"hello"


def test_a_server_on_ipv6_alone_is_reached(isolated):
    with serve(isolated, 3000, "six", "::1")[0]:
        assert fetch(isolated, 3000) == b"six"


@pytest.mark.parametrize("address", ["127.0.0.2", "127.1.2.3"])
def test_a_server_on_another_address_of_its_own_is_reached(isolated, address):
    with serve(isolated, 3000, "elsewhere", address)[0]:
        assert isolated.agent.ports() == [3000]
        assert fetch(isolated, 3000) == b"elsewhere"


def test_without_isolation_a_server_on_another_address_is_reached_too(box):
    command, port = serve(box, 0, "elsewhere", "127.0.0.2")
    with command:
        assert fetch(box, port) == b"elsewhere"


def test_the_usual_address_comes_before_others(isolated):
    with serve(isolated, 3000, "elsewhere", "127.0.0.2")[0], serve(isolated, 3000, "usual")[0]:
        assert fetch(isolated, 3000) == b"usual"


def test_a_closed_port_is_refused(box):
    with pytest.raises(ConnectionRefusedError):
        box.agent.connect(3999)


@pytest.mark.parametrize("port", [0, -1, 65536, "80"])
def test_a_number_that_is_no_port_is_refused(isolated, port):
    with pytest.raises(RequestRefused):
        isolated.agent.connect(port)


def test_without_isolation_a_port_of_somebody_else_is_refused(start):
    from sandboxes.engine import levels

    box = start(levels.of_level("none"))
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        port = foreign.getsockname()[1]
        assert port not in box.agent.ports()
        with pytest.raises(ConnectionRefusedError):
            box.agent.connect(port)


def test_listening_ports_are_found(box):
    assert box.agent.ports() == []
    (first, one), (second, two) = serve(box, 0), serve(box, 0, address="0.0.0.0")
    with first, second:
        assert box.agent.ports() == sorted([one, two])


def test_a_server_on_every_ipv6_address_counts_once(isolated):
    with serve(isolated, 3000, address="::")[0]:
        assert isolated.agent.ports() == [3000]


def test_a_port_of_the_host_is_not_reached_from_inside(isolated):
    with socket.create_server(("127.0.0.1", 0)) as host:
        port = host.getsockname()[1]
        ended, _, _ = isolated.run("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}")
    assert ended.code != 0


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "8.8.8.8"])
def test_no_address_outside_is_reachable(isolated, address):
    ended, _, err = isolated.run("bash", "-c", f"exec 3<>/dev/tcp/{address}/80", timeout=5)
    assert ended.code != 0
    assert "unreachable" in err


def test_only_loopback_exists_and_it_is_up(isolated):
    names = isolated.shell("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '")
    assert names == "lo"


def test_a_listening_socket_is_passed_out(isolated):
    with isolated.agent.listen(3128) as listener:
        command = isolated.begin("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/3128; cat <&3")
        with command:
            listener.settimeout(10)
            peer, _ = listener.accept()
            with peer:
                peer.sendall(b"from the host")
            assert read_until(command.stdout, b"host") == b"from the host"
            assert exit_of(command).code == 0
        with pytest.raises(RequestRefused) as refused:
            isolated.agent.listen(3128)
        assert refused.value.code == "in_use"
    isolated.agent.listen(3128).close()
