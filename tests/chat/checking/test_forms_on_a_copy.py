"""What forms send is tried on a copy of the app: who loses it is found, and no data is touched."""

from __future__ import annotations

import pytest

from chat.models import Check
from sandboxes.models import Sandbox
from sandboxes.services import files

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.slow]

PAGE = """<!doctype html><title>Notes</title><h1>Notes</h1>
<form id=f><input name=note placeholder="A note"><button>Save</button></form><ul id=l></ul>
<script>
const show = (text) => l.append(Object.assign(document.createElement("li"), {textContent: text}));
fetch("/notes").then((found) => found.json()).then((all) => all.forEach(show));
f.addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = await fetch("/notes", {method: "POST", body: JSON.stringify(f.note.value)});
  if (told.ok) show(f.note.value);
});
</script>"""
APP = """import http.server, json, pathlib
KEPT = pathlib.Path("notes.json")
class App(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/notes":
            return super().do_GET()
        self.say(KEPT.read_bytes() if KEPT.exists() else b"[]")
    def do_POST(self):
        note = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        {keep}
        self.say(b'"kept"')
    def say(self, data):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
http.server.ThreadingHTTPServer(("", 3000), App).serve_forever()
"""
KEEPS = (
    'KEPT.write_text(json.dumps([*json.loads(KEPT.read_text() if KEPT.exists() else "[]"), note]))'
)
LINE = ("python3", "app.py")
THANKS = """<!doctype html><title>Contact</title><h1>Write to us</h1>
<form id=f><input name=note placeholder="Your words"><button>Send</button></form><p id=p></p>
<script>
f.addEventListener("submit", async (event) => {
  event.preventDefault();
  await fetch("/notes", {method: "POST", body: JSON.stringify(f.note.value)});
  p.textContent = "Thank you, we write back.";
});
</script>"""


def app(page: str, keep: str) -> dict[str, str]:
    return {"index.html": page, "app.py": APP.replace("{keep}", keep)}


CASES = {
    "kept": (PAGE, KEEPS, "checked", "What was typed is there after a reload."),
    "lost": (PAGE, "pass", "failed", "What was typed is lost: nothing shows of it after a reload."),
    "in files": (THANKS, KEEPS, "checked", "What was typed is in the files of the app."),
    "nowhere": (
        THANKS, "pass", "unchecked", "Nothing shows after a reload that what was typed is kept.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("page", "keep", "word", "detail"), CASES.values(), ids=CASES)
def test_a_form_passes_when_its_words_are_there_later(checked, sandbox, page, keep, word, detail):
    check = checked(app(page, keep), line=LINE)
    assert (check.status, check.steps[-1]["detail"]) == (word, detail), check.steps
    assert check.steps[-1]["what"].endswith(", on a copy")
    mine = [entry.path for entry in files.list_files(sandbox, depth=1, everything=True)[0]]
    assert sorted(mine) == ["app.py", "index.html"], "the data of the person was touched"
    assert check.copy_id is None
    copy = Sandbox.objects.exclude(pk=sandbox.pk).get()
    assert copy.deleted_at is not None


def test_without_room_for_a_copy_the_form_is_unchecked_and_says_why(checked, settings):
    settings.SANDBOXES_PER_USER = 1
    check = checked(app(PAGE, KEEPS), line=LINE)
    assert check.status == Check.Status.UNCHECKED
    assert "It was not sent. You have 1 sandboxes running, which is the limit." in check.reason


def test_an_app_that_sends_nothing_needs_no_copy(checked, sandbox):
    page = """<!doctype html><title>List</title><h1>List</h1><form id=f><input name=item>
    <button>Add</button></form><ul id=l></ul><script>f.onsubmit = (event) => {
    event.preventDefault(); l.innerHTML += "<li></li>"; l.lastChild.textContent = f.item.value; };
    </script>"""
    assert checked({"index.html": page}).status == Check.Status.CHECKED
    assert list(Sandbox.objects.all()) == [sandbox]
