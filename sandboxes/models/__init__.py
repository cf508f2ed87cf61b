from sandboxes.models.checkpoint import Checkpoint
from sandboxes.models.command import Command
from sandboxes.models.consent import IsolationConsent
from sandboxes.models.drive import Drive
from sandboxes.models.event import SandboxEvent
from sandboxes.models.log import LogChunk
from sandboxes.models.page_visit import PagePicture, PageVisit
from sandboxes.models.port_access import PortAccess
from sandboxes.models.sandbox import Sandbox, SandboxSession
from sandboxes.models.snapshot import Snapshot
from sandboxes.models.terminal import Terminal
from sandboxes.models.warm import WarmSandbox

__all__ = [
    "Checkpoint",
    "Command",
    "Drive",
    "IsolationConsent",
    "LogChunk",
    "PagePicture",
    "PageVisit",
    "PortAccess",
    "Sandbox",
    "SandboxEvent",
    "SandboxSession",
    "Snapshot",
    "Terminal",
    "WarmSandbox",
]
