"""What the model is told of the files that came with a message."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_ai.messages import ImageUrl, UserContent

from chat.models import Attachment, Turn
from chat.services.attaching import attachments, pdf_text, placing, stored_files
from chat.services.attaching.file_types import text as text_of
from chat.services.storable import storable
from sandboxes.services.amounts import in_words

# Characters of one text, and of all texts of a message; the rest is read where it lies.
ONE_TEXT, ALL_TEXTS = 40_000, 120_000
# Stands in the history in the place of a picture, whose bytes are put in for each request.
SCHEME = "attachment:"


def prompt(turn: Turn, said: str) -> str | Sequence[UserContent]:
    """What the turn's request is to the model: the words, then each file that came with it."""
    files = attachments.of_turn(turn)
    if not files:
        return said
    # They go into the workspace first, where there is one, so that their paths are true.
    _, why_not = placing.place(turn.conversation_id)
    return content(said, pieces(files, why_not))


def content(said: str, files: Sequence[UserContent]) -> str | Sequence[UserContent]:
    """The words, then the `pieces` of the files."""
    return [said or "I have attached files, without words.", *files] if files else said


def pieces(files: Sequence[Attachment], why_not: str = "") -> list[UserContent]:
    """Each file, to be told after the words that it came with.

    Texts are in it as far as they fit, pictures as references for `AttachedPictures`. `why_not`
    says why one that is in no workspace is not.
    """
    told: list[UserContent] = []
    left = ALL_TEXTS
    for one in files:
        one.refresh_from_db()  # it knows its path now
        told.append(f"Attached: {described(one)}{_because(one, why_not)}")
        if left > 0 and one.media_type in (Attachment.TEXT, Attachment.PDF):
            shown = _excerpt(one, min(ONE_TEXT, left))
            left -= len(shown)
            told.append(shown)
        elif one.is_picture:
            told.append(ImageUrl(SCHEME + one.pk, media_type=one.media_type))
    return told


def described(one: Attachment) -> str:
    """Its name, kind and size, and where it lies."""
    facts = f"{one.name} ({one.media_type}, {in_words(one.size)})"
    if one.path:
        return f"{facts}, in the workspace as {one.path}"
    return f"{facts}, in no workspace yet: create_sandbox puts it at {attachments.path_for(one)}"


def _because(one: Attachment, why_not: str) -> str:
    return f". It could not be put into the sandbox: {why_not}" if why_not and not one.path else ""


def _excerpt(one: Attachment, most: int) -> str:
    """Its text in a fence that it does not hold itself, cut where it is too long."""
    if one.media_type == Attachment.PDF:
        found = pdf_text.beginning(stored_files.path_of(one.pk), most)
        if found is None or not found[0].strip():
            return "Its text cannot be taken out here: use a command, if it has any."
        whole, cut = found
    else:
        # A character has four bytes at most.
        whole = text_of(attachments.text_beginning(one, most * 4))
        cut = one.size > most * 4
    shown = storable(whole[:most])
    fence = "```"
    while fence in shown:
        fence += "`"
    rest = f"\nOnly the first {len(shown):,} characters; read the rest in the file."
    return f"{fence}\n{shown}\n{fence}{rest if cut or len(whole) > most else ''}"
