"""A server whose code has changed starts anew, unless it follows its files by itself."""

from __future__ import annotations

import pytest

from sandboxes.models import Command, Sandbox
from sandboxes.node import stale_servers
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
    held = code_of_servers.held(line)
    assert held is not None
    assert ending in held.endings


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
    assert code_of_servers.held(line) is None


@pytest.mark.unit
@pytest.mark.parametrize(
    ("line", "cwd", "folder"),
    [
        ("python3 app.py", "", ""),
        ("node chat/server.js", "", "chat"),
        ("node server.js", "chat", "chat"),
        ("node /vercel/sandbox/chat/server.js", "", "chat"),
        ("node chat/src/server.js", "", "chat"),
        ("bash -lc 'cd api && PORT=3000 node server.js'", "", "api"),
        ("uvicorn main:app --app-dir api", "", "api"),
        ("npm --prefix=web start", "", "web"),
    ],
)
def test_the_code_of_a_server_lies_where_its_line_says(line: str, cwd: str, folder: str) -> None:
    held = code_of_servers.held(line, cwd)
    assert held is not None
    assert held.folder == folder


@pytest.mark.unit
def test_code_outside_of_the_workspace_is_not_told() -> None:
    assert code_of_servers.held("node /opt/app/server.js") is None


@pytest.mark.unit
def test_a_file_is_code_of_the_innermost_app_around_it() -> None:
    outer, inner = code_of_servers.Held("", (".js",)), code_of_servers.Held("chat", (".js",))
    found = [
        code_of_servers.nearest(path, ending, {outer, inner})
        for path, ending in ((".", ".js"), ("chat/lib", ".js"), ("chatter", ".js"), ("chat", ".py"))
    ]
    assert found == [outer, inner, outer, None]


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


@pytest.mark.sandbox
def test_a_server_stays_when_another_app_or_what_it_hands_out_has_changed(sandbox: Sandbox) -> None:
    server = serving(sandbox, "api/app.py")
    files.write_files(sandbox, [("web/app.py", b""), ("api/static/app.py", b"")])
    stale_servers.restart(sandbox.pk)
    assert not Command.objects.get(pk=server.pk).is_finished
