"""What the previews of a sandbox do besides passing on what its servers answer."""

from __future__ import annotations

from sandboxes.models import Sandbox


def catch_console(sandbox: Sandbox, wanted: bool) -> None:
    """Have its pages tell the workbench what goes wrong in them from now on, or no longer."""
    Sandbox.objects.filter(pk=sandbox.pk).update(preview_console=wanted)
    sandbox.preview_console = wanted
