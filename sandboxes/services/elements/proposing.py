"""A change of an element as a difference that somebody reads before it is made, and making it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from sandboxes.models import Sandbox
from sandboxes.services import files
from sandboxes.services.elements import changing, locating
from sandboxes.services.elements.changing import Change
from sandboxes.services.elements.element import Element
from vibe.refusal import Refusal


@dataclass(frozen=True)
class Proposal:
    """`version` of the file that it was made of; `diff` in the unified form; `text`: the whole."""

    path: str
    line: int
    version: str
    diff: str
    text: str


def propose(sandbox: Sandbox, element: Element, change: Change) -> Proposal:
    """What the change would make of the file; nothing is written. Raises Refusal: conflict (it is
    not certain where the element is written), invalid."""
    source = locating.locate(sandbox, element)
    text = changing.changed(source, element, change)
    lines = difflib.unified_diff(
        source.text.splitlines(),
        text.splitlines(),
        source.path,
        source.path,
        n=2,
        lineterm="",
    )
    return Proposal(source.path, source.line, source.version, "\n".join(lines), text)


def apply(sandbox: Sandbox, element: Element, change: Change, version: str) -> Proposal:
    """Write it over that version of its file, the one that was read. Raises Refusal(conflict) where
    the file says something else by now."""
    proposal = propose(sandbox, element, change)
    if proposal.version != version:
        raise Refusal(
            f"{proposal.path} was changed meanwhile.", "Look at the change anew.", "conflict"
        )
    files.write_file(sandbox, proposal.path, [proposal.text.encode()], expect=version)
    return proposal
