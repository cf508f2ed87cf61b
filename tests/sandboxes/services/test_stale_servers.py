"""A server whose code has changed starts anew, unless it follows its files by itself."""

from __future__ import annotations

import pytest

from sandboxes.models import Command, Sandbox
from sandboxes.services import code_of_servers, commands, files, servers
from tests.fixtures.waiting import until


@pytest.mark.unit
@pytest.mark.parametrize(
    ("line", "ending"),
    [
        ("python3 app.py", ".py"),
        ("gunicorn app:app", ".py"),
        ("bash -lc PORT=3000 node server.js", ".js"),
        ("go run .", ".go"),
        ("python manage.py runserver --noreload", ".py"),
    ],
)
def test_what_holds_its_code_is_told_by_its_line(line: str, ending: str) -> None:
    assert ending in code_of_servers.held(line)


@pytest.mark.unit
@pytest.mark.parametrize(
    "line",
    [
        "uvicorn app:app --reload",
        "npx vite --host",
        "npm run dev",
        "next dev",
        "flask run --debug",
        "python manage.py runserver",
        "python3 -m http.server 3000",
        "streamlit run app.py",
        "node --watch server.js",
        "./server",
    ],
)
def test_what_follows_its_files_or_holds_none_that_are_known_stays(line: str) -> None:
    assert code_of_servers.held(line) == ()


def serving(sandbox: Sandbox, name: str) -> Command:
    files.write_files(sandbox, [(name, b"import time\ntime.sleep(600)\n")])
    command = commands.run(sandbox, "python3", [name], background=True)
    until(lambda: Command.objects.get(pk=command.pk).started_at)
    return command


@pytest.mark.sandbox
def test_a_server_starts_anew_when_its_code_has_changed_and_others_stay(sandbox: Sandbox) -> None:
    server = serving(sandbox, "app.py")
    other = commands.run(sandbox, "sleep", ["600"], background=True)
    servers.refresh(sandbox)  # nothing has changed
    files.write_files(sandbox, [("app.py", b"import time\ntime.sleep(601)\n")])
    servers.refresh(sandbox)
    until(lambda: Command.objects.get(pk=server.pk).is_finished)
    running = until(lambda: servers.running(sandbox).filter(args=["app.py"]).first())
    assert running.pk != server.pk
    assert Command.objects.filter(sandbox=sandbox, args=["app.py"]).count() == 2
    assert not Command.objects.get(pk=other.pk).is_finished
