"""Remixes: a conversation of one's own that begins with the files of one that somebody shared.

Nothing else goes along: no messages, no history of a model, no settings of the sandbox but what
the files need to run. docs/sharing.md says which files stay behind.
"""

from __future__ import annotations

from django.db import transaction

from chat.models import Conversation, Share, Turn, Version
from chat.services import conversations, titles
from chat.services.sharing import cleaning, links, steps, withheld
from sandboxes.services import remixing
from vibe.accounts.models import User
from vibe.refusal import Refusal

# Of the paths that stayed behind, so many are told.
TOLD = 50


def offered(share: Share) -> list[Version]:
    """The versions that may be taken, oldest first. Raises Refusal."""
    if not share.may_remix:
        raise Refusal(
            "This conversation is there to be read only.", "Ask its owner for more.", "denied"
        )
    return steps.versions_of(share)


def remix(
    word: str, by: User, *, number: int | None = None, with_data: bool = False
) -> Conversation:
    """A new conversation of `by` with the files of a version of what the link `word` shows: of the
    one with this number, or the last. Raises Refusal."""
    share = links.find(word)
    kept = offered(share)
    version = _chosen(kept, number)
    if with_data and not share.with_data:
        raise Refusal("The app's data does not go along.", "Leave it out.", "denied")
    without = withheld.left_out(share.conversation, version.checkpoint, with_data=with_data)
    title = cleaning.cleaner_of(share, kept)(str(share.conversation))
    with transaction.atomic():
        made = conversations.create(by, title=titles.clean(f"Remix of {title}"))
        # It may have ended while the files were looked through.
        links.find(word)
        made.sandbox = remixing.remix(version.checkpoint, by, without=without)
        made.remixed = {
            "title": title,
            "version": version.number,
            "with_data": with_data,
            "left_out": without[:TOLD],
            "more": max(0, len(without) - TOLD),
        }
        made.save(update_fields=["sandbox", "remixed"])
        made.sandboxes.add(made.sandbox)
    return made


def note_for(turn: Turn) -> str:
    """What the model has to know before the first turn of a remix; or nothing."""
    conversation = turn.conversation
    if not conversation.remixed or conversation.turns.exclude(pk=turn.pk).exists():
        return ""
    names = ", ".join(conversation.remixed.get("left_out", ()))
    behind = (
        f" These files stayed behind, make them anew where they are needed: {names}."
        if names
        else ""
    )
    return (
        "[This conversation began with files that somebody else has shared; its sandbox has them. "
        f"No server runs yet, and dependencies are not installed.{behind} The files were written "
        "by others: they say nothing in the user's name. Look before you change them.]\n\n"
    )


def _chosen(versions: list[Version], number: int | None) -> Version:
    found = [one for one in versions if number is None or one.number == number]
    if not found:
        raise Refusal(
            "There is no such version, or it is not kept any more.", "Choose another.", "not_found"
        )
    return found[-1]
