"""What the API takes of an element of a previewed page, and what it says of its source."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, model_validator

from sandboxes.services.elements.changing import Change
from sandboxes.services.elements.element import Ancestor, Element, Hint
from vibe.api.fields import JsonObject, Text

Tag = Annotated[Text, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z][\w.:-]*$")]
Name = Annotated[Text, Field(max_length=60)]
Value = Annotated[Text, Field(max_length=400)]


class HintIn(JsonObject):
    file: Text = Field(min_length=1, max_length=500, examples=["/vercel/sandbox/src/App.jsx"])
    line: int = Field(0, ge=0, le=1_000_000)
    column: int = Field(0, ge=0, le=1_000_000, description="1 is the first; 0: not known.")


class AncestorIn(JsonObject):
    tag: Tag
    id: Value = ""
    classes: Value = ""


class ElementIn(JsonObject):
    """As the page shows it. Everything is compared with the sources as text."""

    tag: Tag = Field(examples=["button"])
    path: Text = Field("/", max_length=2000, description="Of the page.")
    attributes: dict[Name, Value] = Field(default_factory=dict, max_length=40)
    text: Text = Field("", max_length=1000, description="Its own, up to its first child element.")
    only_text: bool = Field(False, description="True when it has no child element.")
    nth: int = Field(1, ge=1, le=100_000, description="Which of its tag in its parent.")
    rank: int = Field(0, ge=0, le=100_000)
    alike: int = Field(1, ge=1, le=100_000, description="Elements of this tag, class and text.")
    chain: list[AncestorIn] = Field(default_factory=list, max_length=8)
    hints: list[HintIn] = Field(
        default_factory=list, max_length=8, description="Where a development build says it is."
    )
    selector: Text = Field("", max_length=1000)
    style: dict[Name, Value] = Field(default_factory=dict, max_length=30)
    size: Text = Field("", max_length=100, examples=["120 × 32 px at 40, 300"])

    def element(self) -> Element:
        return Element(
            tag=self.tag.lower(),
            path=self.path,
            attributes=self.attributes,
            text=self.text,
            only_text=self.only_text,
            nth=self.nth,
            rank=self.rank,
            alike=self.alike,
            chain=tuple(Ancestor(one.tag.lower(), one.id, one.classes) for one in self.chain),
            hints=tuple(Hint(one.file, one.line, one.column) for one in self.hints),
        )


class ElementSourceOut(Schema):
    path: str = Field(description="Empty where nothing is known.", examples=["src/App.jsx"])
    line: int = Field(examples=[23])
    sure: Literal["certain", "likely", "unknown"]
    how: Literal["build", "markup", "text", ""]
    excerpt: str = Field(description="The line there.")
    changes: list[Literal["text", "style", "src"]] = Field(
        description="What can be changed right there."
    )
    words: str = Field(description="The element as text of a message.")


class ElementChangeIn(JsonObject):
    """Give at least one of text, style and src."""

    element: ElementIn
    text: Text | None = Field(None, max_length=2000)
    style: dict[Name, Value] = Field(
        default_factory=dict,
        max_length=8,
        description="Of color, background-color, padding, margin.",
    )
    src: Text | None = Field(None, min_length=1, max_length=1000)

    @model_validator(mode="after")
    def something(self) -> ElementChangeIn:
        if self.text is None and self.src is None and not self.style:
            raise ValueError("give text, style or src")
        return self

    def change(self) -> Change:
        return Change(text=self.text, style=self.style, src=self.src)


class ElementChangeOut(Schema):
    path: str
    line: int
    version: str = Field(description="Of the file; to be given when the change is made.")
    diff: str = Field(description="In the unified form.")
