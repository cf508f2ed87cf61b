"""Hostile code and the network: without a proxy nothing outside is reachable."""

from __future__ import annotations

import socket
import threading

import pytest

from tests.fixtures.waiting import until

TRY = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
    print("connected")
except OSError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture(scope="module")
def server():
    """A server of the host that a sandbox must not find: its port, and who came."""
    with socket.create_server(("0.0.0.0", 0)) as listener:
        came: list[str] = []

        def accept() -> None:
            while True:
                try:
                    connection, address = listener.accept()
                except OSError:
                    return
                came.append(address[0])
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1], came
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing
        return probe.getsockname()[0]


def test_servers_of_the_host_are_out_of_reach(cell, server):
    port, came = server
    addresses = ["127.0.0.1", "localhost", "0.0.0.0", "::1", "::ffff:127.0.0.1"]
    try:
        addresses.append(own_address())
    except OSError:
        pass
    for address in addresses:
        assert "connected" not in cell.run("python3", "-c", TRY, address, str(port))[1], address
    assert came == []


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "192.0.2.1", "8.8.8.8"])
def test_addresses_outside_are_out_of_reach(cell, address):
    out = cell.run("python3", "-c", TRY, address, "80")[1]
    assert "connected" not in out and out


def test_names_cannot_be_resolved(fails):
    fails("getent hosts example.com")


@pytest.mark.parametrize(
    "script",
    [
        "curl -sm 5 --noproxy '*' http://192.0.2.1/",
        "wget -qT 5 -t 1 --no-proxy http://192.0.2.1/",
        "exec 3<>/dev/tcp/192.0.2.1/80",
        "exec 3<>/dev/udp/192.0.2.1/53; echo x >&3",
        "ping -c1 -W2 192.0.2.1",
        "nc -w 2 192.0.2.1 80",
        "ssh -o ConnectTimeout=2 -o BatchMode=yes 192.0.2.1",
    ],
)
def test_the_usual_tools_get_nowhere(fails, script):
    fails(script)


def test_abstract_sockets_of_the_host_are_out_of_reach(cell):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0vibe-abuse")
        listener.listen()
        script = "import socket; socket.socket(socket.AF_UNIX).connect('\\0vibe-abuse')"
        assert "ConnectionRefusedError" in cell.run("python3", "-c", script)[2]


def test_two_sandboxes_have_the_same_port_and_do_not_meet(lock_up):
    one, two = lock_up(), lock_up()
    for box in (one, two):
        box.shell(f"mkdir www; echo {box.spec.name} > www/index.html")
    serve = ("python3", "-m", "http.server", "3000", "-d", "www")
    with one.begin(*serve), two.begin(*serve):
        for box in (one, two):
            until(lambda box=box: 3000 in box.agent.ports())
            page = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:3000').read())"
            assert (
                box.spec.name
                in box.run("env", "-u", "http_proxy", "-u", "HTTP_PROXY", "python3", "-c", page)[1]
            )


def test_only_loopback_is_there(cell):
    links = cell.shell("tail -n +3 /proc/net/dev | cut -d: -f1").split()
    assert links == ["lo"]
