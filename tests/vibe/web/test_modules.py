"""A page names every module that its script needs."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from vibe.web.modules import imported

STATIC = Path(settings.BASE_DIR) / "static"
MODULES = sorted((STATIC / "js").glob("*.js"))
# Of both kinds: also what is loaded later must not ask for the module that loads it.
_IMPORTED = re.compile(r"""(?:\bfrom |\bimport[ (])"\./([\w-]+)\.js\"""")
_REQUEST = re.compile(r"\bfetch\(|XMLHttpRequest|hx-headers")


def test_all_levels_of_imports_are_named_and_each_once():
    found = imported("js/workbench.js")
    assert {"js/log-view.js", "js/log-follow.js", "js/log-lines.js"} <= set(found)
    assert len(found) == len(set(found))
    assert all((STATIC / name).is_file() for name in found)


def test_what_is_loaded_when_it_is_needed_is_not_named():
    assert not [name for name in imported("js/workbench.js") if "xterm" in name]


def test_the_sign_in_page_preloads_what_its_script_imports(client, db):
    page = client.get("/sign-in/", follow=True).content.decode()
    for name in imported("js/page.js"):
        assert f'<link rel="modulepreload" href="/static/{name}">' in page


def test_no_module_needs_itself():
    after = {path.stem: set(_IMPORTED.findall(path.read_text())) for path in MODULES}
    while free := {name for name, needed in after.items() if not needed & after.keys()}:
        for name in free:
            del after[name]
    assert not after, f"these import each other: {sorted(after)}"


def test_only_one_module_talks_to_the_server_by_hand():
    talking = {path.name for path in MODULES if _REQUEST.search(path.read_text())}
    assert talking == {"http.js"}
