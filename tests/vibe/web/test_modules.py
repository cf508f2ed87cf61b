"""The modules of the pages: what they need, and that they can be joined."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from vibe.web import kept_files
from vibe.web.bundles import CannotJoin, joined

STATIC = Path(settings.BASE_DIR) / "static"
MODULES = sorted((STATIC / "js").glob("*.js"))
# Of both kinds: also what is loaded later must not ask for the module that loads it.
_IMPORTED = re.compile(r"""(?:\bfrom |\bimport[ (])"\./([\w-]+)\.js\"""")
_REQUEST = re.compile(r"\bfetch\(|XMLHttpRequest|hx-headers")


def join(entry: str, **texts: str) -> str:
    """The script of modules that are given as `a="…"` for `js/a.js`."""
    return joined(entry, lambda name: texts[Path(name).stem], lambda name: f"/kept/{name}")


def test_what_is_imported_runs_first_and_once():
    script = join(
        "js/a.js",
        a='import "./b.js";\nimport { two } from "./c.js";\nrun(two);\n',
        b='import { two } from "./c.js";\nrun(two);\n',
        c="export const two = 2;\n",
    )
    assert re.findall(r'^\$m\["js/(\w)\.js"\] \?\?=', script, re.MULTILINE) == ["c", "b", "a"]


def test_an_import_over_several_lines_and_another_name_are_understood():
    script = join(
        "js/a.js",
        a='import {\n  one,\n  two as three,\n} from "./b.js";\n',
        b="export function one() {}\nexport class two {}\n",
    )
    assert re.search(r'const \{\s*one,\s*two: three,\s*\} = \$m\["js/b\.js"\];', script)


def test_what_is_loaded_when_needed_is_asked_for_by_its_own_address():
    script = join("js/a.js", a='const open = () => import("./b.js");\n')
    assert 'import("/kept/js/b.js")' in script


def test_a_vendored_module_stays_outside():
    script = join("js/a.js", a='import { Terminal } from "../vendor/x/x.mjs";\n')
    assert script.startswith('import * as $outer0 from "/kept/vendor/x/x.mjs";')
    assert "const { Terminal } = $outer0;" in script


def test_a_script_exports_what_its_entry_exports():
    script = join("js/a.js", a="export async function open() {}\n")
    assert 'export const open = $m["js/a.js"].open;' in script


@pytest.mark.parametrize(
    "line",
    ['import one from "./b.js";', "export default 1;", "export let one = 1;", "export { one };"],
)
def test_a_form_that_is_not_known_is_refused(line):
    with pytest.raises(CannotJoin):
        join("js/a.js", a=f"{line}\n", b="")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_module_can_be_joined(path):
    assert kept_files.find(f"js/{path.name}") is not None


def test_the_terminal_is_not_part_of_the_workbench():
    kept = kept_files.find("js/workbench.js")
    assert kept and b"xterm.mjs" not in kept.body


def test_no_module_needs_itself():
    after = {path.stem: set(_IMPORTED.findall(path.read_text())) for path in MODULES}
    while free := {name for name, needed in after.items() if not needed & after.keys()}:
        for name in free:
            del after[name]
    assert not after, f"these import each other: {sorted(after)}"


def test_only_one_module_talks_to_the_server_by_hand():
    talking = {path.name for path in MODULES if _REQUEST.search(path.read_text())}
    assert talking == {"http.js"}
