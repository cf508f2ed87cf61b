"""Previews: who may enter them unless their owner says otherwise, and what is put into them."""

from __future__ import annotations

from vibe import env

PREVIEW_CONSOLE = env.flag(
    "VIBE_PREVIEW_CONSOLE",
    True,
    help="Pages in the workbench's preview get a script that tells it their console.",
)
_KNOWN = ("private", "link")

PREVIEW_ACCESS = env.text(
    "VIBE_PREVIEW_ACCESS",
    "private",
    help="Who enters the previews of new sandboxes: their owner, or whoever has the address.",
)
VERCEL_PREVIEW_ACCESS = env.text(
    "VIBE_VERCEL_PREVIEW_ACCESS",
    "link",
    help="The same for sandboxes that are made through the Vercel API.",
)
for _name, _value in (
    ("VIBE_PREVIEW_ACCESS", PREVIEW_ACCESS),
    ("VIBE_VERCEL_PREVIEW_ACCESS", VERCEL_PREVIEW_ACCESS),
):
    if _value not in _KNOWN:
        raise env.SettingError(f"{_name} is {_value!r}; it is {' or '.join(_KNOWN)}.")
