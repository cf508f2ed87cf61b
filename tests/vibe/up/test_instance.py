from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from vibe.up.instance import CannotStart, InstanceLock, check_port, running_url


def test_the_second_platform_on_a_data_directory_is_told_of_the_first(tmp_path: Path) -> None:
    first = InstanceLock(tmp_path)
    first.acquire("http://127.0.0.1:8000/")

    with pytest.raises(CannotStart) as caught:
        InstanceLock(tmp_path).acquire("http://127.0.0.1:8001/")

    first.release()
    assert f"already running as pid {os.getpid()} at http://127.0.0.1:8000/" in str(caught.value)


def test_the_lock_of_a_killed_platform_does_not_hold_up_the_next(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys, pathlib\n"
        "from vibe.up.instance import InstanceLock\n"
        "InstanceLock(pathlib.Path(sys.argv[1])).acquire('http://127.0.0.1:8000/')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], timeout=30, check=False)
    lock = InstanceLock(tmp_path)

    lock.acquire("http://127.0.0.1:8000/")

    assert lock.left_behind is True
    lock.release()


def test_after_an_orderly_stop_nothing_is_left_behind(tmp_path: Path) -> None:
    first = InstanceLock(tmp_path)
    first.acquire("http://127.0.0.1:8000/")
    first.release()
    second = InstanceLock(tmp_path)

    second.acquire("http://127.0.0.1:8000/")

    assert second.left_behind is False
    second.release()


def test_the_address_of_a_running_platform_can_be_asked(tmp_path: Path) -> None:
    assert running_url(tmp_path) is None
    lock = InstanceLock(tmp_path)
    lock.acquire("http://127.0.0.1:18000/")

    assert running_url(tmp_path) == "http://127.0.0.1:18000/"

    lock.release()
    assert running_url(tmp_path) is None


def test_a_taken_port_comes_with_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]

        with pytest.raises(CannotStart) as caught:
            check_port("127.0.0.1", port)

    sentence, _, advice = str(caught.value).partition(" Run: ")
    assert sentence == f"Port {port} is taken."
    assert advice.startswith("python3 manage.py up --port ")
    assert int(advice.rpartition(" ")[2]) > port


def test_a_free_port_is_no_problem(free_port: int) -> None:
    check_port("127.0.0.1", free_port)


def test_an_address_of_another_machine_is_refused_with_a_sentence(free_port: int) -> None:
    with pytest.raises(CannotStart, match=r"192\.0\.2\.1 cannot be listened on"):
        check_port("192.0.2.1", free_port)
