"""Sandboxes and their commands: how many, how large, for how long."""

from __future__ import annotations

from vibe import env

ALLOW_UNISOLATED = env.flag(
    "VIBE_ALLOW_UNISOLATED", help="Agree to run commands without isolation where none works."
)
ALLOW_REDUCED = env.flag(
    "VIBE_ALLOW_REDUCED", help="Serve other machines where isolation is no better than reduced."
)
SANDBOX_TIMEOUT = env.integer(
    "VIBE_SANDBOX_TIMEOUT", 2700, help="Seconds a sandbox lives unless extended."
)
SANDBOX_TIMEOUT_MAX = env.integer(
    "VIBE_SANDBOX_TIMEOUT_MAX", 86_400, help="Most seconds a sandbox may be extended to."
)
SANDBOX_SLEEP = env.integer(
    "VIBE_SANDBOX_SLEEP",
    300,
    help="Seconds without use after which a sandbox whose servers run is held still; 0: off.",
)
SANDBOX_IDLE = env.integer(
    "VIBE_SANDBOX_IDLE", 1800, help="Seconds without activity after which a sandbox stops; 0: off."
)
SNAPSHOT_EXPIRATION = env.integer(
    "VIBE_SNAPSHOT_EXPIRATION", 30 * 86_400, help="Seconds a snapshot is kept; 0: for good."
)
VERSION_FILE_MB = env.integer(
    "VIBE_VERSION_FILE_MB", 16, help="Size from which on a file is left out of versions."
)
VERSIONS_KEPT = env.integer(
    "VIBE_VERSIONS_KEPT",
    200,
    help="Versions that a conversation keeps, besides those with a name or a star; 0: all.",
)
VERSION_MB = env.integer(
    "VIBE_VERSION_MB", 512, help="Files of one version, all told; what is beyond is left out."
)
DRIVE_MAX_MB = env.integer(
    "VIBE_DRIVE_MAX_MB", 10_240, help="Size of one drive, at most and by default."
)
SANDBOX_TOOLCHAINS = env.listing(
    "VIBE_SANDBOX_TOOLCHAINS", help="Further directories that sandboxes see: /here:/opt/there,…"
)
SANDBOX_ROOT = env.optional_path(
    "VIBE_SANDBOX_ROOT", help="Directory with a root file system that sandboxes have."
)
WARM_SANDBOXES = env.integer(
    "VIBE_WARM_SANDBOXES", 2, help="Sandboxes that each node keeps started ahead; 0: none."
)
CHROMIUM = env.text(
    "VIBE_CHROMIUM", help="Chromium that looks at apps, where it is not in its usual place."
)
BROWSERS = env.integer(
    "VIBE_BROWSERS", 2, help="Browsers that a node runs at once to look at apps; 0: none."
)
SANDBOX_LIMITS = {
    "memory_mb": env.integer("VIBE_SANDBOX_MEMORY_MB", 2048, help="Memory of one sandbox."),
    "processes": env.integer("VIBE_SANDBOX_PROCESSES", 512, help="Processes of one sandbox."),
    "cpus": env.number(
        "VIBE_SANDBOX_CPUS", 0, help="Processors of one sandbox; 0 means a fair share of all."
    ),
    "disk_mb": env.integer("VIBE_SANDBOX_DISK_MB", 4096, help="Files of one sandbox, all told."),
    "file_mb": env.integer("VIBE_SANDBOX_FILE_MB", 512, help="Size of one file in a sandbox."),
    "open_files": env.integer(
        "VIBE_SANDBOX_OPEN_FILES", 4096, help="Files that one process in a sandbox has open."
    ),
    "output_mb": env.integer(
        "VIBE_SANDBOX_OUTPUT_MB", 4096, help="Output after which a command is ended; 0: never."
    ),
}
SANDBOX_LIMITS_MAX = env.numbers(
    "VIBE_SANDBOX_LIMITS_MAX",
    SANDBOX_LIMITS,
    help="Most that one sandbox may ask for, e.g. memory_mb=8192,cpus=4.",
)

COMMAND_TIMEOUT = env.integer(
    "VIBE_COMMAND_TIMEOUT", 600, help="Seconds a foreground command may take."
)
COMMAND_LOG_LIMIT = env.integer(
    "VIBE_COMMAND_LOG_LIMIT",
    64 * 1024 * 1024,
    help="Bytes of output kept of one command; of more, the start and the end are kept.",
)
LOG_RETENTION_DAYS = env.integer(
    "VIBE_LOG_RETENTION_DAYS", 30, help="Days that output of ended commands is kept; 0: for ever."
)
LOG_RETENTION_MB = env.integer(
    "VIBE_LOG_RETENTION_MB",
    10_240,
    help="MB of output kept in all; of more, the oldest is removed; 0: no limit.",
)
KEEP_SANDBOXES = env.flag(
    "VIBE_KEEP_SANDBOXES", help="Leave sandboxes running when `up` stops, for the next `up`."
)
