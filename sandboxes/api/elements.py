"""Elements of a previewed page: where they are written, and what a change of them would be."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from sandboxes.api.element_schemas import (
    ElementChangeIn,
    ElementChangeOut,
    ElementIn,
    ElementSourceOut,
)
from sandboxes.services import finding
from sandboxes.services.elements import changing, locating, proposing, words
from vibe.api.authentication import access, caller
from vibe.api.fields import Text

router = Router(auth=access("files"))


@router.post(
    "/sandboxes/{sandbox_id}/elements/source",
    response=ElementSourceOut,
    summary="Find where an element of a page is written",
)
def find_element(request: HttpRequest, sandbox_id: Text, data: ElementIn) -> Any:
    """By what a development build says of it, by the tags of the workspace's sources, else by its
    text. `certain`: there is one place, and no other is like it."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    element = data.element()
    source = locating.locate(sandbox, element)
    return {
        "path": source.path,
        "line": source.line,
        "sure": source.sure,
        "how": source.how,
        "excerpt": source.excerpt,
        "changes": changing.possible(source, element),
        "words": words.of(
            element, source, selector=data.selector, style=data.style, size=data.size
        ),
    }


@router.post(
    "/sandboxes/{sandbox_id}/elements/change",
    response=ElementChangeOut,
    summary="Show what a change of an element would be",
)
def propose_change(request: HttpRequest, sandbox_id: Text, data: ElementChangeIn) -> Any:
    """Of exactly one place in one file; nothing is written. 409 where that place is not certain."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    return proposing.propose(sandbox, data.element.element(), data.change())
