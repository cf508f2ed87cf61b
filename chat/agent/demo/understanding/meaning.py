"""What a request was understood to mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Intent:
    """`name` says which script answers; the other fields are filled in as far as it needs them."""

    name: str
    language: str = ""
    recipe: str = ""
    # Of a landing page: which words and art.
    subject: str = ""
    heading: str = ""
    colour: str = ""
    line: str = ""
    path: str = ""
    text: str = ""
    what: str = ""
    port: int | None = None
    # A language or framework that was asked for and is not what the recipe is made with.
    instead_of: str = ""
    # What an unknown request is near to.
    near: str = ""
