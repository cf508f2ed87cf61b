"""Django's settings, by subject. Each knob is an environment variable; docs/settings.md has all."""

from pathlib import Path

from vibe import env

# Before anything below reads the environment.
env.load_file(
    env.path(
        "VIBE_ENV_FILE",
        Path(__file__).resolve().parents[2] / ".env",
        help="File with settings; the environment wins over it.",
    )
)

from vibe.settings.addresses import *
from vibe.settings.attachments import *
from vibe.settings.framework import *
from vibe.settings.models import *
from vibe.settings.network import *
from vibe.settings.previews import *
from vibe.settings.problems import *
from vibe.settings.programs import *
from vibe.settings.quotas import *
from vibe.settings.reporting import *
from vibe.settings.sandboxes import *
from vibe.settings.security import *
from vibe.settings.shares import *
from vibe.settings.sharing import *
from vibe.settings.spending import *
from vibe.settings.state import *
from vibe.settings.storage import *
