from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.fixtures.waiting import until_async
from vibe.up import child
from vibe.up.process_supervisor import ProcessSupervisor
from vibe.up.service import Service, StartFailed
from vibe.up.spawning import Program

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]

FOREVER = "import time; time.sleep(60)"


class Lines:
    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []

    def __call__(self, name: str, text: str) -> None:
        self.all.append((name, text))

    def of(self, name: str) -> list[str]:
        return [text for who, text in self.all if who == name]


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
async def supervisor(lines: Lines) -> AsyncIterator[ProcessSupervisor]:
    supervisor = ProcessSupervisor(lines)
    yield supervisor
    await supervisor.stop(*supervisor.children)


def service(name: str, code: str, **options: object) -> Service:
    return Service(name, Program([sys.executable, "-u", "-c", code]), **options)


def gate(file: Path) -> Callable[[], object]:
    async def ready() -> bool:
        return file.exists()

    return ready


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def test_a_stage_starts_only_when_the_one_before_is_ready(
    supervisor: ProcessSupervisor, lines: Lines, tmp_path: Path
) -> None:
    flag = tmp_path / "first-is-ready"
    code = f"import time, pathlib; time.sleep(0.3); pathlib.Path({str(flag)!r}).touch(); {FOREVER}"
    second = f"import os; print(os.path.exists({str(flag)!r})); {FOREVER}"

    await supervisor.start(service("first", code, ready=gate(flag)))
    await supervisor.start(service("second", second))

    await until_async(lambda: lines.of("second"))
    assert lines.of("second") == ["True"]


async def test_a_service_that_ends_while_starting_is_reported_with_its_last_lines(
    supervisor: ProcessSupervisor, tmp_path: Path
) -> None:
    code = "import sys; print('no such table'); sys.exit(3)"

    with pytest.raises(StartFailed) as caught:
        await supervisor.start(service("web", code, ready=gate(tmp_path / "never")))

    assert str(caught.value) == "web ended with status 3 while starting"
    assert caught.value.tail == ["no such table"]


async def test_a_service_that_never_gets_ready_is_given_up(
    supervisor: ProcessSupervisor, tmp_path: Path
) -> None:
    stuck = service("web", FOREVER, ready=gate(tmp_path / "never"), ready_within=0.3)

    with pytest.raises(StartFailed, match=r"was not ready within 0\.3 s"):
        await supervisor.start(stuck)


async def test_a_program_that_does_not_exist_is_reported(supervisor: ProcessSupervisor) -> None:
    async def ready() -> bool:
        return True

    with pytest.raises(StartFailed, match="could not be started"):
        await supervisor.start(
            Service("valkey", Program(["/nonexistent/valkey-server"]), ready=ready)
        )


async def test_a_killed_service_is_started_again(
    supervisor: ProcessSupervisor, lines: Lines
) -> None:
    await supervisor.start(service("web", f"print('up'); {FOREVER}"))
    child = supervisor.children["web"]
    await until_async(lambda: lines.of("web") == ["up"])
    first = child.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)

    await until_async(lambda: lines.of("web").count("up") == 2)
    assert child.pid != first
    assert "was ended by SIGKILL; starting it again in 0.5 s" in lines.of("web")


async def test_a_restart_that_is_asked_for_comes_at_once_and_is_no_failure(
    supervisor: ProcessSupervisor, lines: Lines
) -> None:
    await supervisor.start(service("web", f"print('up'); {FOREVER}"))
    child = supervisor.children["web"]
    await until_async(lambda: lines.of("web") == ["up"])
    first = child.pid
    assert first is not None

    await child.restart(((signal.SIGTERM, 5.0),))

    assert not alive(first)
    await until_async(lambda: lines.of("web") == ["up", "up"])
    assert child.pid != first


async def test_a_restart_that_is_asked_for_ends_the_pause_before_the_next(
    supervisor: ProcessSupervisor, lines: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "FIRST_BACKOFF", 600.0)
    mended = tmp_path / "mended"
    code = (
        f"import pathlib, time; time.sleep(0.3); up = pathlib.Path({str(mended)!r}).exists();"
        f"up or exit(1); print('up'); {FOREVER}"
    )
    await supervisor.start(service("web", code))
    await until_async(lambda: any("in 600 s" in line for line in lines.of("web")))
    mended.touch()

    await supervisor.children["web"].restart(((signal.SIGTERM, 5.0),))

    await until_async(lambda: "up" in lines.of("web"))


async def test_the_pause_before_a_restart_doubles(
    supervisor: ProcessSupervisor, lines: Lines
) -> None:
    await supervisor.start(service("chat", "import time; time.sleep(0.3); raise SystemExit(1)"))

    await until_async(lambda: sum("starting it again" in line for line in lines.of("chat")) >= 3)

    pauses = [line.rpartition(" in ")[2] for line in lines.of("chat") if "again in" in line]
    assert pauses[:3] == ["0.5 s", "1 s", "2 s"]


async def test_a_stop_ends_the_groups_in_the_given_order(
    supervisor: ProcessSupervisor, tmp_path: Path
) -> None:
    def recorder(name: str) -> Service:
        code = (
            "import signal, sys, time, pathlib\n"
            "def stop(*_):\n"
            "    time.sleep(0.1)\n"
            f"    open({str(tmp_path / 'order')!r}, 'a').write({name!r} + ' ')\n"
            "    sys.exit()\n"
            "signal.signal(signal.SIGTERM, stop)\n"
            f"pathlib.Path({str(tmp_path / name)!r}).touch()\n"
            f"{FOREVER}"
        )
        return service(name, code, ready=gate(tmp_path / name))

    await supervisor.start(recorder("valkey"), recorder("web"), recorder("worker"))
    await supervisor.stop_in_order((("web",), ("worker",), ("valkey",)))

    assert (tmp_path / "order").read_text().split() == ["web", "worker", "valkey"]


async def test_a_service_that_ignores_the_signals_is_killed(
    supervisor: ProcessSupervisor, tmp_path: Path
) -> None:
    flag = tmp_path / "deaf"
    code = (
        "import signal, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(flag)!r}).touch(); {FOREVER}"
    )
    deaf = service("web", code, ready=gate(flag), stop=((signal.SIGTERM, 0.2),))
    await supervisor.start(deaf)
    pid = supervisor.children["web"].pid
    assert pid is not None

    await supervisor.stop("web")

    assert not alive(pid)


async def test_a_stopped_service_is_not_started_again(
    supervisor: ProcessSupervisor, lines: Lines
) -> None:
    await supervisor.start(service("web", FOREVER))

    await supervisor.stop("web")

    assert supervisor.children["web"].ended
    assert not any("again" in line for line in lines.of("web"))


async def test_a_stop_does_not_wait_for_the_pause_before_a_restart(
    supervisor: ProcessSupervisor, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "FIRST_BACKOFF", 600.0)
    await supervisor.start(service("web", "import time; time.sleep(0.2)"))
    await until_async(lambda: any("in 600 s" in line for line in lines.of("web")))

    await supervisor.stop("web")

    assert not supervisor.children["web"].running


async def test_a_grandchild_that_holds_the_output_does_not_hide_the_end(
    supervisor: ProcessSupervisor, lines: Lines
) -> None:
    code = (
        "import subprocess, sys, time\n"
        f"p = subprocess.Popen([sys.executable, '-c', {FOREVER!r}], start_new_session=True)\n"
        "print(p.pid)\n"
        "time.sleep(0.2)"
    )
    await supervisor.start(service("web", code))
    try:
        await until_async(lambda: any("again" in line for line in lines.of("web")))
    finally:
        await supervisor.stop("web")
        for line in lines.of("web"):
            if line.isdecimal():
                os.kill(int(line), signal.SIGKILL)


async def test_an_overlong_line_is_passed_on_in_parts(
    supervisor: ProcessSupervisor, lines: Lines
) -> None:
    await supervisor.start(service("web", f"print('x' * 600_000); print('end'); {FOREVER}"))

    await until_async(lambda: "end" in lines.of("web"))

    assert sum(len(line) for line in lines.of("web")) == 600_000 + len("end")


async def test_children_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from vibe.up.service import Service\n"
        "from vibe.up.spawning import Program\n"
        "from vibe.up.process_supervisor import ProcessSupervisor\n"
        "async def main():\n"
        "    supervisor = ProcessSupervisor(lambda name, text: None)\n"
        f"    program = Program([sys.executable, '-c', {FOREVER!r}])\n"
        "    await supervisor.start(Service('web', program))\n"
        "    print(supervisor.children['web'].pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(await asyncio.to_thread(parent.stdout.readline))
    assert alive(child)

    parent.kill()
    parent.wait(5)

    await until_async(lambda: not alive(child))
