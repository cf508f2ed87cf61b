from sandboxes.admin import site
from sandboxes.admin.command import CommandAdmin
from sandboxes.admin.consent import IsolationConsentAdmin
from sandboxes.admin.drive import DriveAdmin
from sandboxes.admin.sandbox import SandboxAdmin
from sandboxes.admin.snapshot import SnapshotAdmin
from sandboxes.admin.terminal import TerminalAdmin

__all__ = [
    "CommandAdmin",
    "DriveAdmin",
    "IsolationConsentAdmin",
    "SandboxAdmin",
    "SnapshotAdmin",
    "TerminalAdmin",
    "site",
]
