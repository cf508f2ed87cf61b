"""Without scripts: files and ports are links on whole pages."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sandboxes.services import commands, files, ports
from tests.fixtures.waiting import until

pytestmark = pytest.mark.sandbox


@pytest.fixture
def page(client, sandbox):
    """Text of a page of the sandbox, for its owner."""
    client.force_login(sandbox.owner)

    def read(name: str, query: str = "", *, of_sandbox: bool = True) -> str:
        address = reverse(f"sandboxes:{name}", args=[sandbox.pk] if of_sandbox else [])
        answer = client.get(f"{address}{query}")
        assert answer.status_code == 200
        return answer.content.decode()

    return read


def test_every_file_is_a_link_on_a_whole_page(page, sandbox):
    files.write_files(sandbox, [("src/a&b.py", b"x = 1\n")])
    html = page("browse")
    assert "<title>" in html
    assert 'href="?path=src/a%26b.py"' in html


def test_a_file_is_shown_with_its_text(page, sandbox):
    files.write_files(sandbox, [("notes.txt", b"<b>kept</b>")])
    assert "&lt;b&gt;kept&lt;/b&gt;" in page("browse", "?path=notes.txt")


def test_a_file_that_is_not_there_is_said_in_words(page):
    assert "none.txt" in page("browse", "?path=none.txt")


def test_lines_that_hold_the_words_are_found(page, sandbox):
    files.write_files(sandbox, [("one.txt", b"first\nneedle here\n")])
    assert "one.txt:2" in page("browse", "?text=needle")


def test_a_stranger_finds_no_files(client, sandbox, django_user_model):
    client.force_login(django_user_model.objects.create_user("stranger"))
    assert client.get(reverse("sandboxes:browse", args=[sandbox.pk])).status_code == 404


def test_the_list_of_sandboxes_links_the_ports_that_are_open(page, sandbox):
    commands.run(sandbox, "python3", ["-m", "http.server", "3000"], background=True)
    until(lambda: 3000 in ports.listening(sandbox))
    assert f'href="{ports.url(sandbox, 3000)}"' in page("index", of_sandbox=False)
