"""What sandboxes reach."""

from __future__ import annotations

from vibe import env

NETWORK_POLICY = env.text(
    "VIBE_NETWORK_POLICY",
    "registries",
    help="What a new sandbox reaches: deny-all, registries or internet.",
)
if NETWORK_POLICY not in ("deny-all", "registries", "internet"):
    raise env.SettingError(
        f"VIBE_NETWORK_POLICY is {NETWORK_POLICY!r}; it must be deny-all, registries or internet."
    )
NETWORK_CEILING = env.text(
    "VIBE_NETWORK_CEILING",
    "internet",
    help="The most that the owner of a sandbox can have it reach: deny-all, registries or "
    "internet, which is any host.",
)
if NETWORK_CEILING not in ("deny-all", "registries", "internet"):
    raise env.SettingError(
        f"VIBE_NETWORK_CEILING is {NETWORK_CEILING!r}; it must be deny-all, registries or internet."
    )
# Off: a code host takes what a program sends it, so whoever opens one lets data out. The card of a
# refused command opens one host for one sandbox.
NETWORK_SCAFFOLDS = env.listing(
    "VIBE_NETWORK_SCAFFOLDS",
    help="What the default policy registries opens besides, for scaffolds that fetch from "
    "elsewhere: code (templates on a code host), fonts (web fonts).",
)
if unknown := set(NETWORK_SCAFFOLDS) - {"code", "fonts"}:
    raise env.SettingError(
        f"VIBE_NETWORK_SCAFFOLDS has {', '.join(sorted(unknown))}; it takes code and fonts."
    )
EGRESS_ALLOW = env.listing(
    "VIBE_EGRESS_ALLOW", help="Hosts that the policy registries opens besides those found."
)
EGRESS_NETWORKS = env.listing(
    "VIBE_EGRESS_NETWORKS", help="Ranges of this machine that hosts of VIBE_EGRESS_ALLOW may use."
)
EGRESS_DISCOVERY = env.flag(
    "VIBE_EGRESS_DISCOVERY", True, help="Look for the registries that pip, npm and apt are set to."
)
# Which addresses neither sandboxes nor webhooks may reach. By its dotted path: webhooks are below
# all apps, and the engine knows nothing of this platform.
ADDRESS_CHECK = "sandboxes.engine.egress.addresses.AddressCheck"
