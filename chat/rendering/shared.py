"""A shared conversation as a page that is read only: the thread up to a step, files, output.

Nothing comes here but through `clean`, and a card shows what is named here, not what there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from chat.models import Message, Part, Share
from chat.rendering.cards import CardView, FileView, card
from chat.rendering.markdown import render
from chat.rendering.shared_files import files_view
from chat.rendering.suggestions import apart
from chat.services.sharing import cleaning, steps, withheld
from chat.services.sharing.hiding import Clean
from chat.services.sharing.steps import Step, Story
from sandboxes.models import Command
from sandboxes.output import replay, text
from sandboxes.services import version_contents
from vibe.refusal import Refusal

# Entries before the step that are shown with it, requests that are listed, lines of a log's page.
SHOWN, REQUESTS, LINES = 40, 300, 300
WORDS = 90
# What a model or person typed into programs is often a password; what other servers are asked and
# answer, and what skills are called, is nobody else's.
VERB_ALONE = frozenset({"send_input", "type_text", "read_skill", "find_tools"})
# As chat.tools.command_output cuts them: what may begin in the middle of a line.
CUT_TAIL = 1_000


@dataclass(frozen=True)
class Entry:
    """What one step shows. `kind`: said, monitor, answer, call, error or note."""

    number: int
    kind: str
    current: bool = False
    title: str = ""
    html: str = ""
    text: str = ""
    card: CardView | None = None
    tail: str = ""
    withheld: list[str] = field(default_factory=list)


def shared_view(share: Share, *, number: int = 0, path: str = "", line: int = 0) -> dict[str, Any]:
    """Context of `chat/shared/page.html`. `number`: of the step, 0 for the last one; `path`: the
    file to show; `line`: of the output, where to begin. Raises Refusal."""
    story = steps.story_of(share)
    step = story.at(number or len(story.steps))
    if step is None:
        raise Refusal("There is nothing to show.", "Ask for another link.", code="not_found")
    version = story.version_at(step)
    files = version_contents.files_of(version.checkpoint) if version else {}
    clean = cleaning.cleaner_of(share, story.versions)
    shown = story.steps[max(0, step.number - SHOWN) : step.number]
    parts = steps.parts_of(shown)
    entries = [
        _entry(one, part, share, clean, step) for one, part in zip(shown, parts, strict=True)
    ]
    own = parts[-1]
    return {
        "share": share,
        "title": clean(str(share.conversation)),
        "count": len(story.steps),
        "step": step,
        "entries": entries,
        "earlier": shown[0].number - 1,
        "previous": max(1, step.number - 1),
        "next": min(len(story.steps), step.number + 1),
        "requests": _requests(story, step, clean),
        "version": version,
        "files": files_view(version, files, path, entries[-1].card, clean),
        "log": _log(own, clean, line),
    }


def _requests(story: Story, step: Step, clean: Clean) -> list[dict[str, Any]]:
    """What was asked for, as the short way to the end of each turn."""
    words = steps.requests_of(story.steps)
    found = []
    for one in [one for one in story.steps if one.asks][-REQUESTS:]:
        ends = (other.number for other in story.steps[one.number - 1 :] if other.ends_turn)
        end = next(ends, one.number)
        said = " ".join(clean(words.get(one.part, "")).split())
        found.append({
            "number": end,
            "words": f"{said[:WORDS]}…" if len(said) > WORDS else said,
            "current": one.number <= step.number <= end,
        })  # fmt: skip
    return found


def _entry(one: Step, part: Part, share: Share, clean: Clean, step: Step) -> Entry:
    current = one.number == step.number
    if part.kind == Part.Kind.TOOL_CALL:
        return _call(one.number, part, share, clean, current)
    said = clean(part.text)
    if part.kind == Part.Kind.ERROR:
        error = clean(part.result or part.message.turn.error or {})
        title = str(error.get("title") or said or "The turn failed")
        return Entry(one.number, "error", current, title, text=str(error.get("detail") or ""))
    if part.kind == Part.Kind.NOTE:
        return Entry(one.number, "note", current, text=said)
    if part.message.by_monitor:
        return Entry(one.number, "monitor", current, html=render(said))
    if part.message.role == Message.Role.USER:
        return Entry(one.number, "said", current, text=said)
    return Entry(one.number, "answer", current, html=render(apart(said)[0]))


def _call(number: int, part: Part, share: Share, clean: Clean, current: bool) -> Entry:
    """The rows are changed in memory only, before anything cuts or joins their words."""
    part.arguments, part.result = clean(part.arguments), clean(part.result)
    if part.command is not None:
        if not _had_ended(part.command, share):
            part.command = None
        else:
            part.command.executable = clean(part.command.executable)
            part.command.args = clean(part.command.args)
    view = card(part)
    verb_alone = part.tool in VERB_ALONE or "__" in part.tool
    hidden = [one.file.path for one in view.files if withheld.why(one.file.path)]
    view = replace(
        view,
        verb=clean(view.verb),
        subject="" if verb_alone else clean(view.subject),
        result=clean(view.result),
        link="",
        error=clean(view.error),
        hint="",
        files=[] if verb_alone else [_file(one, clean) for one in view.files],
        detail="" if verb_alone else clean(view.detail),
        answers=clean(view.answers),
        steps=clean(view.steps),
    )
    tail = "" if verb_alone else _tail(part)
    return Entry(number, "call", current, card=view, tail=clean(tail), withheld=hidden)


def _file(view: FileView, clean: Clean) -> FileView:
    if withheld.why(view.file.path):
        return replace(view, file=replace(view.file, diff="", tail=None), blocks=[])
    blocks = [(sign, clean(lines)) for sign, lines in view.blocks]
    return replace(view, file=replace(view.file, diff="", tail=None), blocks=blocks)


def _tail(part: Part) -> str:
    said = part.result.get("tail")
    if not isinstance(said, str):
        return ""
    # The first line may be the rest of one, of which no net knows any more what it was.
    return said.partition("\n")[2] if len(said) >= CUT_TAIL else said


def _had_ended(command: Command, share: Share) -> bool:
    return command.finished_at is not None and command.finished_at <= share.created_at


def _log(part: Part, clean: Clean, line: int) -> dict[str, Any] | None:
    """A page of the output of the step's command; None where that had not ended, or is gone."""
    command = part.command
    if command is None or not command.log_size or part.tool in VERB_ALONE:
        return None
    if command.sandbox.deleted_at is not None or command.log_removed_at is not None:
        return None
    page = text.page(command, line or None, LINES)
    said = "\n".join(replay.plain(one.data) for one in page.lines)
    return {
        "text": clean(said),
        "first": page.first,
        "last": page.last,
        "total": page.total,
        "before": max(1, page.first - LINES) if page.first > 1 else 0,
        "after": page.last + 1 if page.last < page.total else 0,
    }
