"""What the player says beside the recording, told apart from it by a quotation and a line."""

from __future__ import annotations

from chat.providers.recordings import Recording

REQUEST_SHOWN = 400
# A button, in the form that all models are told of.
NEXT = "```suggestions\nNext\n```"
GOES_ON = "The recording goes on."
STOPPED = (
    "What the recording does next is built on this step, so this part ends here. Look at the step "
    "above; then send anything to play the part once more from its beginning."
)
MEANWHILE = "What you wrote meanwhile changes nothing: a recording says what it holds."


def begin(recording: Recording, part: int, *, again: bool) -> str:
    """The recorded request, before the answer to it."""
    once_more = ", once more" if again else ""
    request = recording.turns[part].request
    if len(request) > REQUEST_SHOWN:
        request = request[:REQUEST_SHOWN] + "…"
    quoted = "\n".join(f"> {line}" for line in request.splitlines())
    number = f"Part {part + 1} of {len(recording.turns)}{once_more}"
    return f"{number}. In the recording was asked:\n\n{quoted}"


def end(recording: Recording, part: int, *, complete: bool) -> str:
    """What can be sent after this part."""
    if not complete:
        return f"---\n\nSend anything, or press Next, to play this part again.\n\n{NEXT}"
    parts = len(recording.turns)
    if part + 1 == parts:
        return (
            f"---\n\nThe recording is over: that was part {parts} of {parts}. The sandbox stays as "
            "it is; choose another model to go on with it."
        )
    return f"---\n\nSend anything, or press Next, for part {part + 2} of {parts}.\n\n{NEXT}"


def over(recording: Recording) -> str:
    return (
        f"The recording “{recording.title}” is over; it has no more parts. Choose another model to "
        "go on with this sandbox, or begin a new conversation to play it again."
    )
