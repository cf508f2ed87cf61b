"""Which Chromium there is on this machine, and how it is started."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

# The program itself before what distributions wrap around it: a shell script reads settings of
# this machine's user. Playwright's and others come by the operator's setting.
PLACES = (
    "/usr/lib/chromium/chromium-headless-shell",
    "/usr/lib/chromium/headless_shell",
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
)
NAMES = ("chrome-headless-shell", "chromium", "chromium-browser", "google-chrome")
HINT = "Install Chromium (Debian: apt install chromium), or name one with VIBE_CHROMIUM."
WIDTH, HEIGHT = 1280, 800
PROFILE = "/tmp/profile"  # noqa: S108 - in the browser's own sandbox
# On the descriptors 3 and 4 the protocol is spoken; the agent hands over standard streams alone.
SHELL = 'exec "$@" 3<&0 4>&1 </dev/null >&2'


def find(wanted: str = "") -> Path | None:
    """The program: the one that the operator names, else what is found; None for none."""
    if wanted:
        path = shutil.which(wanted)
        return Path(path).resolve() if path else None
    for place in PLACES:
        if os.access(place, os.X_OK):
            return Path(place)
    for name in NAMES:
        if path := shutil.which(name):
            return Path(path).resolve()
    return None


def command(program: str) -> list[str]:
    """Within the sandbox. Its own sandbox is off: there are no namespaces within ours, whose
    filter, ids and limits hold it."""
    return ["/bin/sh", "-c", SHELL, "browser", program, *ARGUMENTS]


ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--remote-debugging-pipe", f"--user-data-dir={PROFILE}",
    f"--window-size={WIDTH},{HEIGHT}", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio",
    "--no-startup-window", "--no-first-run", "--no-default-browser-check",
    "--hide-scrollbars", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
    "--disable-extensions", "--disable-component-extensions-with-background-pages",
    "--disable-breakpad", "--disable-domain-reliability",
    "--disable-client-side-phishing-detection", "--disable-hang-monitor", "--disable-notifications",
    "--disable-popup-blocking", "--deny-permission-prompts", "--password-store=basic",
    "--use-mock-keychain", "--metrics-recording-only", "--no-pings", "--no-zygote",
    "--force-color-profile=srgb", "--renderer-process-limit=2",
    "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling", "--disable-ipc-flooding-protection",
    "--disable-blink-features=AutomationControlled",
    "--disable-features=Translate,MediaRouter,OptimizationHints,DialMediaRouteProvider,"
    "HttpsUpgrades,PaintHolding,GlobalMediaControls,InterestFeedContentSuggestions,"
    "WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup,AimEnabled",
    "--js-flags=--max-old-space-size=512",
)  # fmt: skip
