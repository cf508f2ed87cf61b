from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fixtures.platform import ROOT, command_line
from tests.fixtures.waiting import until_async
from vibe.up.fork_client import ForkClient, ForkedProcess
from vibe.up.processes import Processes
from vibe.up.spawning import Process, Program

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere programs are executed"),
]
WAIT = "import sys, time; print('up', flush=True); time.sleep(60)"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client() -> AsyncIterator[ForkClient]:
    client = ForkClient(Processes(ROOT, "127.0.0.1", 8000, {}).fork_server())
    await client.start()
    yield client
    await client.stop()


async def run(client: ForkClient, directory: Path, code: str) -> tuple[Process, asyncio.Task[str]]:
    """The process of this program, and all that it will have written."""
    script = directory / "program.py"
    script.write_text(code)
    reading, writing = os.pipe()
    nothing = os.open(os.devnull, os.O_RDONLY)
    program = Program([sys.executable, str(script), "an argument"])
    process = await client(program, nothing, writing, writing)
    os.close(nothing)
    os.close(writing)

    def read() -> str:
        with os.fdopen(reading) as stream:
            return stream.read()

    return process, asyncio.create_task(asyncio.to_thread(read))


async def up(process: Process) -> None:
    """Wait until it is the program that it says to be."""
    await until_async(lambda: "program.py" in command_line(process.pid))


def _ignores(pid: int, number: signal.Signals) -> bool:
    (line,) = (
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("SigIgn:")
    )  # fmt: skip
    return bool(int(line.split()[1], 16) >> (number - 1) & 1)


async def test_a_program_is_forked_from_what_has_loaded_the_platform(
    client: ForkClient, tmp_path: Path
) -> None:
    code = "import sys; print(__name__, sys.argv[1:], 'sandboxes.worker' in sys.modules)"
    process, output = await run(client, tmp_path, code)

    assert await process.wait() == 0
    assert await output == "__main__ ['an argument'] True\n"
    assert isinstance(process, ForkedProcess)


async def test_it_starts_with_one_thread_and_no_connection(
    client: ForkClient, tmp_path: Path
) -> None:
    code = (
        "import os, threading\n"
        "print(threading.active_count(), len(os.listdir('/proc/self/task')))\n"
        "links = [os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')\n"
        "         if os.path.exists(f'/proc/self/fd/{fd}') or int(fd) < 3]\n"
        "print([link for link in links if link.startswith(('socket:', 'anon_inode:'))])\n"
    )
    process, output = await run(client, tmp_path, code)

    assert await process.wait() == 0
    assert (await output).splitlines() == ["1 1", "[]"]


async def test_how_it_ended_is_told(client: ForkClient, tmp_path: Path) -> None:
    process, output = await run(client, tmp_path, "import sys; sys.exit('no such table')")
    assert await process.wait() == 1
    assert await output == "no such table\n"

    process, _ = await run(client, tmp_path, WAIT)
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL


async def test_it_leads_a_session_and_has_its_own_name(client: ForkClient, tmp_path: Path) -> None:
    process, _ = await run(client, tmp_path, WAIT)
    await up(process)

    assert os.getsid(process.pid) == process.pid
    line = command_line(process.pid)
    assert line == f"{sys.executable} {tmp_path / 'program.py'} an argument"
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == -signal.SIGTERM


async def test_when_the_server_is_killed_a_program_that_is_deaf_to_it_is_killed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = ((signal.SIGTERM, 0.1), (signal.SIGKILL, 0.1))
    monkeypatch.setattr("vibe.up.fork_client.ENDING", steps)
    client = ForkClient(Processes(ROOT, "127.0.0.1", 8000, {}).fork_server())
    await client.start()
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAIT}"
    process, output = await run(client, tmp_path, deaf)
    await up(process)
    await until_async(lambda: _ignores(process.pid, signal.SIGTERM))
    assert client._process is not None

    os.kill(client._process.pid, signal.SIGKILL)

    assert await process.wait() == -signal.SIGKILL
    assert await output == "up\n"
    await client.stop()


async def test_when_the_server_is_killed_its_programs_end_and_the_next_is_executed(
    client: ForkClient, tmp_path: Path
) -> None:
    process, _ = await run(client, tmp_path, WAIT)
    await up(process)
    server = client._process
    assert server is not None

    os.kill(server.pid, signal.SIGKILL)

    assert await process.wait() == -signal.SIGTERM
    assert command_line(process.pid) == ""
    code = "import sys; print('sandboxes.worker' in sys.modules)"
    process, output = await run(client, tmp_path, code)
    assert await process.wait() == 0
    assert await output == "False\n"
