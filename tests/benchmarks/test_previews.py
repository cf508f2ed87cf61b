"""Previews beside nginx and the app itself, all three before the same program in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

import pytest

from tests.benchmarks import beside_nginx
from tests.benchmarks.numbers import PREVIEW_DOWNLOAD, PREVIEW_PAGES
from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until

pytestmark = pytest.mark.benchmark

PORT = 3000
TOP = "/vercel/sandbox/app"
ROUNDS = 3


@pytest.fixture
def host(platform: Platform, program: Client) -> Iterator[str]:
    """Of the preview of the app, in a sandbox."""
    if not beside_nginx.can():
        pytest.skip("nginx, wrk and curl are needed")
    box = program("POST", "sandboxes", {"wait": 60, "timeout": 1800})["id"]
    files = {"app/index.html": beside_nginx.PAGE, "app/conf": beside_nginx.app_conf(TOP, PORT)}
    program(
        "PUT",
        f"sandboxes/{box}/files",
        [{"path": path, "content": content} for path, content in files.items()],
    )
    size = beside_nginx.DOWNLOAD_MB << 20
    made = {"command": "sh", "args": ["-c", f"head -c {size} /dev/urandom > app/big.bin"]}
    assert program("POST", f"sandboxes/{box}/commands", {**made, "wait": 60})["exit_code"] == 0
    started = {"command": "nginx", "args": ["-c", f"{TOP}/conf"]}
    program("POST", f"sandboxes/{box}/commands", started)
    # wrk shows no cookie. Who may enter is decided on for each request all the same.
    program("PATCH", f"sandboxes/{box}/ports/{PORT}", {"access": "public"})
    name = platform.preview(box, PORT)
    until(lambda: beside_nginx.answers(platform.port, name))
    yield name
    program("DELETE", f"sandboxes/{box}")


def test_pages_and_downloads(platform: Platform, host: str, table: Any) -> None:
    with beside_nginx.servers() as servers:
        places = ((servers.direct, "app"), (servers.proxy, "app"), (platform.port, host))
        for connections, bar in ((1, "≥ 0.5 ×"), (10, "≥ 0.25 ×"), (50, "≥ 0.25 ×")):
            figures = [
                [beside_nginx.requests(*place, connections) for place in places]
                for _ in range(ROUNDS)
            ]
            direct, nginx, ours = medians(figures)
            path = PREVIEW_PAGES.format(connections)
            beside(table, path, bar, ours, "/s", "nginx", nginx)
            beside(table, "… beside the app itself", "–", ours, "/s", "direct", direct)
        figures = [[beside_nginx.download(*place) for place in places] for _ in range(2 * ROUNDS)]
        direct, nginx, ours = medians(figures)
        beside(table, PREVIEW_DOWNLOAD, "≥ 0.5 ×", ours, " MB/s", "direct", direct)
        beside(table, "… beside nginx", "–", ours, " MB/s", "nginx", nginx)


def medians(figures: list[list[float]]) -> list[float]:
    return [statistics.median(one) for one in zip(*figures, strict=True)]


def beside(
    table: Any, path: str, bar: str, ours: float, unit: str, name: str, theirs: float
) -> None:
    """More is better here, so the ratio says which part of theirs ours is."""
    table.add(path, f"{ours:.0f}{unit}", bar, f"{name} {theirs:.0f}{unit}", f"{ours / theirs:.2f}×")
