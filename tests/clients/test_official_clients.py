"""The released clients of Vercel Sandbox work here with nothing but what `env vercel` prints."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import HERE, run
from tests.clients.table import INTERNAL, working
from vibe.client import vercel

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]

AS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def told(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, **({"PLATFORM_IS_ROOT": "1"} if AS_ROOT else {})}


@pytest.mark.parametrize("release", ["sb3", "sb2", "sb1"])
def test_a_javascript_program_uses_every_method_unchanged(
    release: str, node_modules: Path, told: dict[str, str]
) -> None:
    offered = run(["node", str(HERE / "methods.mjs"), str(node_modules), release], told).split()
    program = str(HERE / "javascript.mjs")
    worked = set(run(["node", program, str(node_modules), release], told).split())
    public = {name for name in offered if name.partition(".")[2] not in INTERNAL}
    assert (public & working("JavaScript", as_root=AS_ROOT)) - worked == set()


RECORDER = """
globalThis.fetch = async (input, init) => {
  const headers = new Headers(init?.headers ?? input.headers);
  console.log("SENT", headers.get("authorization"));
  return new Response("{}", { status: 403 });
};
"""


@pytest.mark.parametrize("release", ["sb3", "sb2", "sb1"])
def test_a_javascript_program_that_lost_the_preload_has_nothing_to_give_away(
    release: str, node_modules: Path, told: dict[str, str], tmp_path: Path
) -> None:
    recorder = tmp_path / "recorder.cjs"
    recorder.write_text(RECORDER)
    module = node_modules / "node_modules" / release / "dist" / "index.js"
    script = f"import({str(module)!r}).then((m) => m.Sandbox.list()).catch(() => {{}})"
    said = run(["node", "-e", script], {**told, "NODE_OPTIONS": f"--require={recorder}"})
    assert set(said.splitlines()) == {f"SENT Bearer {vercel.PASS}"}


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_python_program_uses_every_method_unchanged(
    kind: str, python_packages: Path, told: dict[str, str]
) -> None:
    path = f"{told['PYTHONPATH']}:{python_packages}"
    program = str(HERE / "python_client.py")
    worked = run([sys.executable, program, kind], {**told, "PYTHONPATH": path}).split()
    plain = {name.removeprefix("Sync").replace(".close", ".aclose") for name in worked}
    assert working("Python", as_root=AS_ROOT) - plain == set()
