"""A change of an element changes one place of its file, and whatever is in doubt is refused."""

from __future__ import annotations

import pytest

from sandboxes.services.elements import places
from sandboxes.services.elements.changing import Change, changed, possible
from sandboxes.services.elements.element import Element
from sandboxes.services.elements.locating import CERTAIN, LIKELY, Source
from sandboxes.services.elements.openings import read
from vibe.refusal import Refusal

HTML = "<p>One</p>\n<p id=x>  Two &amp; more </p>\n"
JSX = "return <p style={{ color: 'red', lineHeight: 2 }}>Two</p>;\n"


def source(path: str, text: str, tag: str = "p", sure: str = CERTAIN, *, nth: int = -1) -> Source:
    opening = [one for one in read(text, is_code=places.is_code(path)) if one.tag == tag][nth]
    return Source(path, opening.line, sure, "markup", "", opening, text, "v")


def shown(text: str, tag: str = "p", **attributes: str) -> Element:
    return Element(tag=tag, text=text, only_text=True, attributes=attributes)


@pytest.mark.parametrize(
    ("path", "text", "change", "after"),
    [
        ("a.html", HTML, Change(text="3 < {4}"),
         "<p>One</p>\n<p id=x>  3 &lt; &#123;4&#125; </p>\n"),
        ("a.html", HTML, Change(style={"padding": "8px 0"}),
         '<p>One</p>\n<p style="padding: 8px 0" id=x>  Two &amp; more </p>\n'),
        ("a.jsx", JSX, Change(style={"color": "#fff", "background-color": "#000"}),
         'return <p style={{ color: "#fff", lineHeight: 2, backgroundColor: "#000" }}>Two</p>;\n'),
        ("a.jsx", JSX.replace(" style={{ color: 'red', lineHeight: 2 }}", ""),
         Change(style={"margin": "4px"}), 'return <p style={{ margin: "4px" }}>Two</p>;\n'),
        ("a.html", '<p style="color: red; top: 0">Two</p>',
         Change(text="x", style={"color": "blue"}),
         '<p style="color: blue; top: 0">x</p>'),
    ],
)  # fmt: skip
def test_one_place_is_changed_and_nothing_else(
    path: str, text: str, change: Change, after: str
) -> None:
    words = "Two & more" if text is HTML else "Two"

    assert changed(source(path, text), shown(words), change) == after


def test_the_address_of_a_picture_is_changed_where_it_is_written_as_it_shows() -> None:
    text = '<img src="a.png"><img src="{{ picture }}">'
    image = Element(tag="img", attributes={"src": "a.png"}, only_text=True)

    after = changed(source("a.html", text, "img", nth=0), image, Change(src='b".png'))

    assert after == '<img src="b&quot;.png"><img src="{{ picture }}">'
    assert "src" not in possible(source("a.html", text, "img"), image)


@pytest.mark.parametrize(
    ("path", "text", "change"),
    [
        ("a.html", "<p>{{ title }}</p>", Change(text="x")),
        ("a.html", "<p>Two <b>more</b></p>", Change(text="x")),
        ("a.html", "<p>Other</p>", Change(text="x")),
        ("a.html", '<p style="{{ style }}">Two</p>', Change(style={"color": "red"})),
        ("a.jsx", "<p style={style}>Two</p>", Change(style={"color": "red"})),
        ("a.jsx", "<p style={{ ...style }}>Two</p>", Change(style={"color": "red"})),
        ("a.py", "'<p>Two</p>'", Change(text="x")),
    ],
)
def test_what_is_in_doubt_is_refused(path: str, text: str, change: Change) -> None:
    with pytest.raises(Refusal) as refused:
        changed(source(path, text), shown("Two"), change)

    assert refused.value.code == "conflict"


def test_a_likely_place_is_not_changed() -> None:
    assert possible(source("a.html", HTML, sure=LIKELY), shown("Two & more")) == []


@pytest.mark.parametrize(
    "style",
    [{"color": "red;} body{"}, {"padding": "url(x)"}, {"position": "fixed"}, {"color": "a" * 50}],
)
def test_a_style_is_a_colour_or_a_space_and_nothing_else(style: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        changed(source("a.html", HTML), shown("Two & more"), Change(style=style))

    assert refused.value.code == "invalid"
