"""Runs every check and lays the findings out as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from vibe.doctor import addresses, machine, platform, programs
from vibe.doctor.finding import Finding

Check = Callable[[], Iterable[Finding]]
CHECKS: tuple[Check, ...] = (
    machine.interpreter,
    machine.disk,
    machine.disk_reserve,
    machine.port,
    addresses.addresses,
    platform.database,
    platform.queue,
    platform.workers,
    platform.isolation,
    platform.limits,
    programs.runtimes,
    programs.browser,
    platform.network,
    platform.versions,
    platform.providers,
)


def examine(checks: Iterable[Check] = CHECKS) -> list[Finding]:
    """Run the checks in order; one that fails by itself becomes a finding, not a traceback."""
    findings: list[Finding] = []
    for check in checks:
        try:
            findings.extend(check())
        except Exception as error:
            name = check.__name__.replace("_", " ").capitalize()
            detail = f"could not be checked: {type(error).__name__}: {error}"
            findings.append(Finding(name, False, detail, "Please report this line."))
    return findings


def render(findings: list[Finding], *, coloured: bool = False) -> str:
    """Aligned lines with a sign and a word each, advice below its line, a sentence at the end."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        sign, word, colour = _state(finding)
        mark = f"{sign} {word:<7}"
        if coloured:
            mark = f"\033[{colour}m{mark}\033[0m"
        lines.append(f"{mark}  {finding.name:<{width}}  {finding.detail}".rstrip())
        if not finding.ok and finding.advice:
            lines.append(f"{'':<{width + 13}}→ {finding.advice}")
    broken = [finding.name for finding in findings if finding.broken]
    lines.append("")
    lines.append(f"Broken: {', '.join(broken)}." if broken else "Nothing required is broken.")
    return "\n".join(lines)


def _state(finding: Finding) -> tuple[str, str, int]:
    if finding.ok:
        return "✓", "ok", 32
    return ("✗", "broken", 31) if finding.broken else ("✗", "missing", 33)
