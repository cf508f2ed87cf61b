"""The programs that sandboxes find, looked up inside of one."""

from __future__ import annotations

from collections.abc import Iterator

from vibe.doctor.finding import Finding

# Program → what to install, whether a sandbox is useless without it.
WANTED = {
    "bash": ("bash", True),
    "python3": ("python3", True),
    "node": ("nodejs", False),
    "npm": ("npm", False),
    "git": ("git", False),
    "curl": ("curl", False),
}
# Listed when they are there.
WELCOME = (
    "pip", "pip3", "python", "npx", "pnpm", "yarn", "bun", "deno", "uv", "go", "cargo", "rustc",
    "ruby", "php", "java", "gcc", "make",
)  # fmt: skip


def browser() -> Iterator[Finding]:
    from sandboxes.host import browsers

    why, hint = browsers.problem()
    detail = why or f"{browsers.program()} looks at apps, in a sandbox of its own"
    lacks = "" if not why else f"{hint} Until then apps are checked over HTTP alone."
    yield Finding("Browser", not why, detail, lacks, required=False)


def runtimes() -> Iterator[Finding]:
    from sandboxes.engine import EngineError
    from sandboxes.host import runtime_packages
    from sandboxes.host import runtimes as programs
    from vibe.refusal import Refusal

    try:
        found = programs.inside((*WANTED, *WELCOME))
    except (EngineError, Refusal) as error:
        yield Finding("Programs", False, f"no sandbox could be looked into: {error}", error.hint)
        return
    for name in (*WANTED, *(name for name in WELCOME if name in found)):
        package, required = WANTED.get(name, (name, False))
        advice = (
            f"Sandboxes cannot run {name}. Debian and Ubuntu: apt install {package}; or give them "
            "a directory with it: VIBE_SANDBOX_TOOLCHAINS."
        )
        if name not in found:
            yield Finding(name, False, "not found in a sandbox", advice, required)
            continue
        place, runs, said = found[name]
        shown = f"{said[:40]} ({place})" if runs else f"{place} fails: {said[:60]}"
        yield Finding(name, runs, shown, advice, required)
    here, offered = runtime_packages.here(), runtime_packages.offered()
    can_be = f"; {', '.join(offered)} come from the registry when asked for" if offered else ""
    yield Finding("Fetched runtimes", True, f"{', '.join(here) or 'none'}{can_be}")
