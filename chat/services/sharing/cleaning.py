"""What makes the texts of a shared conversation fit to be read by others."""

from __future__ import annotations

from collections.abc import Iterable

from chat.models import Share, Version
from chat.services.sharing import hiding, withheld
from chat.services.sharing.hiding import Clean

# The latest ones, in whose files what is secret is looked for.
VERSIONS = 200


def cleaner_of(share: Share, versions: Iterable[Version]) -> Clean:
    """Hides all that is secret in the conversation, what stands in its files of secrets and memory
    included. Raises Refusal: without knowing what to hide nothing is shown."""
    more: set[str] = set()
    for version in [*versions][-VERSIONS:]:
        more |= withheld.words_in(version.checkpoint)
    return hiding.cleaner(share.conversation, more)
