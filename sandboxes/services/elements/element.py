"""What a page says of one of its elements, as much of it as is looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Hint:
    """Where a development build says that the element was written; line 0: somewhere in there."""

    file: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class Ancestor:
    tag: str
    id: str = ""
    classes: str = ""


@dataclass(frozen=True)
class Element:
    """`text`: its own text, up to its first child element; `only_text`: it has no such child.
    `nth`: which of its tag it is among its parent's children, from 1 on. `rank` of `alike`: which
    it is, from 0 on, of the page's elements with this tag, class and text. `chain`: its parent,
    that one's parent and so on."""

    tag: str
    path: str = "/"
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    only_text: bool = False
    nth: int = 1
    rank: int = 0
    alike: int = 1
    chain: tuple[Ancestor, ...] = ()
    hints: tuple[Hint, ...] = ()

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


def squeezed(text: str) -> str:
    """As a browser shows it: any space is one."""
    return _SPACE.sub(" ", text).strip()
