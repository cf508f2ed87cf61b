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
