from __future__ import annotations

import io

from vibe.up.console import Console


def lines(*written: tuple[str, str], environment: dict[str, str] | None = None) -> list[str]:
    stream = io.StringIO()
    console = Console(("web", "sandboxes"), stream, environment or {})
    for name, text in written:
        console.line(name, text)
    return stream.getvalue().splitlines()


def test_each_line_bears_the_name_of_its_process() -> None:
    assert lines(("web", "one"), ("sandboxes", "two")) == ["web       | one", "sandboxes | two"]


def test_secrets_of_the_environment_are_hidden() -> None:
    environment = {"OPENAI_API_KEY": "sk-very-secret", "DATABASE_URL": "postgres://a:pw@h/db"}

    shown = lines(
        ("web", "401 for sk-very-secret"),
        ("web", "cannot reach postgres://a:pw@h/db"),
        environment=environment,
    )

    assert shown == ["web       | 401 for [hidden]", "web       | cannot reach [hidden]"]


def test_control_characters_cannot_steer_the_terminal() -> None:
    (shown,) = lines(("web", "a\x1b[2Jb\rc\x9bd\te"))

    assert shown == "web       | a\ufffd[2Jb\ufffdc\ufffdd\te"


def test_a_reader_that_went_away_does_not_end_the_platform() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    console = Console(("web",), Gone(), {})

    console.line("web", "one")
    console.line("web", "two")
