"""Files of a workspace that others get to know by name at most: secrets, data, memory."""

from __future__ import annotations

from functools import lru_cache

from chat.models import Conversation
from chat.services.context import memory
from chat.services.sharing import hiding
from sandboxes.engine.versions import kinds
from sandboxes.models import Checkpoint
from sandboxes.services import version_contents
from vibe.refusal import Refusal

SECRET, DATA, MEMORY = "secret", "data", "memory"
WORDS = {
    SECRET: "Files with such a name mostly hold passwords or keys.",
    DATA: "The app keeps its data in it.",
    MEMORY: "It holds what models are told, not the app.",
}
MEMORY_FILES = frozenset(name.casefold() for name in memory.FILES)
MEMORY_FOLDERS = frozenset({".vibe", ".agents", ".claude"})
# Of each version that is looked at, for what must not be shown elsewhere either.
MOST_FILES, MOST_BYTES = 30, 64 * 1024
MOST_LEFT_OUT = 1_000


def why(path: str) -> str:
    """SECRET, DATA or MEMORY; empty for a file that may be shown."""
    *folders, name = path.casefold().removeprefix("./").split("/")
    if name in MEMORY_FILES or not MEMORY_FOLDERS.isdisjoint(folders):
        return MEMORY
    if kinds.is_secret(path):
        return SECRET
    return DATA if kinds.is_data(path) or kinds.is_shared_memory(path) else ""


@lru_cache(maxsize=1_000)
def words_in(checkpoint: Checkpoint) -> frozenset[str]:
    """What stands in a saved version's files of secrets and memory, so that it can be hidden
    wherever else it stands. A version never changes. Raises Refusal."""
    files = version_contents.files_of(checkpoint)
    found: set[str] = set()
    for kind, read in ((SECRET, hiding.words_of_settings), (MEMORY, hiding.lines_of)):
        blobs = [blob for path, blob in files.items() if why(path) == kind][:MOST_FILES]
        for text in version_contents.texts_of(checkpoint, blobs, MOST_BYTES):
            found |= set(read(text))
    return frozenset(found)


def left_out(conversation: Conversation, checkpoint: Checkpoint, *, with_data: bool) -> list[str]:
    """The paths of a version that somebody else does not get: those above, and whatever holds a
    secret that is known. Raises Refusal."""
    files = version_contents.files_of(checkpoint)
    reasons = {path: why(path) for path in files}
    found = {path for path, kind in reasons.items() if kind and not (kind == DATA and with_data)}
    blobs = [files[path] for path, kind in reasons.items() if kind == SECRET][:MOST_FILES]
    secrets = hiding.secrets_of(conversation)
    for text in version_contents.texts_of(checkpoint, blobs, MOST_BYTES):
        secrets |= set(hiding.secrets_of_settings(text))
    found |= set(version_contents.holding(checkpoint, secrets))
    if len(found) > MOST_LEFT_OUT or any(version_contents.shown(path) != path for path in found):
        raise Refusal(
            "This version holds too much that may not go along, or names that nobody can read.",
            "Ask its owner for another version.",
            "conflict",
        )
    return sorted(found)
