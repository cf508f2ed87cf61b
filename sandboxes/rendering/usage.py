"""What a sandbox uses, as small plots that the server draws."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.template.loader import render_to_string

from sandboxes.models import Sandbox
from sandboxes.services import usage
from sandboxes.services.usage import Sample
from vibe.templatetags.markup import size
from vibe.web.partials import partial

SHOWN_SECONDS = 600
WIDTH, HEIGHT = 240.0, 40.0
# A longer silence than between two samples that nobody watches is a gap in the line.
GAP_SECONDS = 40.0


@dataclass(frozen=True)
class Plot:
    """One row of figures: the newest in words, and the last ten minutes as two SVG paths."""

    name: str
    value: str
    of: str
    peak: str
    line: str
    area: str


def usage_partial(sandbox: Sandbox) -> str:
    return partial(render_to_string("sandboxes/_usage.html", usage_view(sandbox)), "#resources")


def usage_view(sandbox: Sandbox) -> dict[str, object]:
    """Context of the panel. Whoever renders it looks at it, so samples come often from now on."""
    if sandbox.is_running:
        usage.watch(sandbox.pk)
    samples = usage.recent(sandbox, SHOWN_SECONDS)
    return {"sandbox": sandbox, "plots": plots(sandbox, samples) if samples else []}


def plots(sandbox: Sandbox, samples: list[Sample], now: float | None = None) -> list[Plot]:
    """A plot of each thing that is known about the sandbox."""
    most = usage.ceilings(sandbox)
    cores = f"of {most.cpu:g} core{'' if most.cpu == 1 else 's'}" if most.cpu else "of all cores"
    rows: list[tuple[str, Callable[[Sample], float | None], Callable[[float], str], str, float]] = [
        ("CPU", lambda sample: sample.cpu, _percent, cores, most.cpu or 1.0),
        ("Memory", lambda sample: sample.memory, _bytes, _of(most.memory), most.memory),
        ("Disk", lambda sample: sample.disk, _bytes, _of(most.disk), most.disk),
        ("Network", lambda sample: sample.network, _rate, "", 20_000),
    ]
    found = []
    for name, pick, text, of, ceiling in rows:
        points = [(one.at, value) for one in samples if (value := pick(one)) is not None]
        if points:
            found.append(_plot(name, points, text, of, ceiling, now or time.time()))
    return found


def _plot(
    name: str,
    points: list[tuple[float, float]],
    text: Callable[[float], str],
    of: str,
    ceiling: float,
    now: float,
) -> Plot:
    highest = max(value for _, value in points)
    # A line that fills its height: small use shows too, but noise does not look like a storm.
    top = max(highest * 1.1, ceiling * 0.05, 1e-9)
    places = [
        (_along(at, now), round(HEIGHT - 1 - value / top * (HEIGHT - 3), 1), at)
        for at, value in points
    ]
    runs: list[list[tuple[float, float]]] = []
    last = float("-inf")
    for x, y, at in places:
        if at - last > GAP_SECONDS:
            runs.append([])
        runs[-1].append((x, y))
        last = at
    line = " ".join("M" + " L".join(f"{x:g} {y:g}" for x, y in run) for run in runs)
    area = " ".join(
        f"M{run[0][0]:g} {HEIGHT:g} L" + " L".join(f"{x:g} {y:g}" for x, y in run)
        + f" L{run[-1][0]:g} {HEIGHT:g} Z"
        for run in runs
    )  # fmt: skip
    return Plot(name, text(points[-1][1]), of, text(highest), line, area)


def _along(at: float, now: float) -> float:
    return round(max(0.0, WIDTH * (1 - (now - at) / SHOWN_SECONDS)), 1)


def _percent(cores: float) -> str:
    return f"{cores * 100:.0f} %"


def _bytes(count: float) -> str:
    """In the units of the limits: 2 GB are 2048 MB."""
    for unit in ("B", "kB", "MB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if count >= 100 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.3g} GB"


def _rate(count: float) -> str:
    return f"{size(int(count))}/s"


def _of(most: int) -> str:
    return f"of {_bytes(most)}" if most else ""
