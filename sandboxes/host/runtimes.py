"""Which runtimes sandboxes of this node have, and which a program may ask for."""

from __future__ import annotations

import re
import subprocess
from functools import cache

from django.conf import settings

from sandboxes.engine import EngineError, Level, SandboxSpec, looking
from sandboxes.engine.spec import PATH
from sandboxes.host import isolation, runtime_packages, toolchains
from vibe.refusal import Refusal

# Names of the one image that there is: what this machine has installed.
IMAGES = ("vercel/sandbox/universal", "vercel/sandbox")


@cache
def found() -> tuple[str, ...]:
    """Names such as node20 and python3.11, of what a sandbox finds on its PATH."""
    node = re.match(r"v(\d+)\.", _version("node"))
    python = re.match(r"Python (\d+\.\d+)\.", _version("python3"))
    names = [f"node{node[1]}"] if node else []
    return (*names, f"python{python[1]}") if python else tuple(names)


def inside(names: tuple[str, ...]) -> dict[str, tuple[str, bool, str]]:
    """(path, whether it runs, what it says of its version) of the programs that a sandbox finds.

    Starts one to see. Raises Refusal, EngineError.
    """
    engine = isolation.engine()
    full = engine.level.mounts
    like = SandboxSpec(
        name="look",
        root=settings.DATA_DIR,
        run_dir=settings.DATA_DIR,
        shared=settings.DATA_DIR / "shared",
        env=toolchains.variables(engine.level),
        mounts=toolchains.mounts() if full else (),
        system=toolchains.system() if full else None,
    )
    return looking.programs(engine, settings.DATA_DIR, names, like)


def default() -> str:
    return found()[0] if found() else "linux"


def check_runtime(name: str) -> None:
    """Raises Refusal for a runtime that sandboxes of this machine cannot have."""
    if name in found():
        return
    can_be_had = runtime_packages.offered() if isolation.current().level.mounts else ()
    if name not in can_be_had:
        has = ", ".join(dict.fromkeys((*found(), *can_be_had)))
        raise Refusal(
            f"The runtime {name!r} is not installed on this server, and it cannot fetch it.",
            f"It has {has or 'none'}; use one of them or leave `runtime` out. The operator adds "
            "others by VIBE_SANDBOX_TOOLCHAINS.",
        )


def is_to_be_fetched(name: str) -> bool:
    """Whether a sandbox with that runtime has to wait until it is here."""
    known = name in runtime_packages.RELEASES
    return known and not runtime_packages.is_here(name) and name not in found()


def variables(level: Level, name: str) -> dict[str, str]:
    """PATH with the programs of that runtime, and with the operator's, before the others."""
    variables = toolchains.variables(level)
    if not level.mounts or name not in runtime_packages.RELEASES or name in found():
        return variables
    return {"PATH": f"{runtime_packages.path(name)}:{variables.get('PATH', PATH)}"}


def check_image(name: str) -> None:
    """Raises Refusal for an image other than this machine's own."""
    base = name.partition("@")[0].partition(":")[0]
    if base not in IMAGES:
        raise Refusal(
            f"The image {name!r} does not exist on this server.",
            f"Sandboxes have what the machine has installed; use {IMAGES[0]}:latest or "
            "leave `image` out.",
        )


def _version(program: str) -> str:
    if settings.SANDBOX_TOOLCHAINS or settings.SANDBOX_ROOT:  # not what this machine has
        try:
            return inside((program,)).get(program, ("", False, ""))[2]
        except (Refusal, EngineError):
            return ""
    try:
        done = subprocess.run(
            [program, "--version"],
            env={"PATH": PATH},
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout
