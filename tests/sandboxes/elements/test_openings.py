"""Opening tags are found in what people write, and hostile text takes no time."""

from __future__ import annotations

import time

import pytest

from sandboxes.services.elements.openings import read
from sandboxes.services.elements.patterns import fits

JSX = """export default function App() {
  const few = count<b ? 1 : useState<string>(2);
  return (
    <main className="app">
      Hello<b>you</b>
      {items.map((one) => { return <li key={one.id}>{one.name}</li>; })}
      <Button onClick={() => go("x > y")}>Save</Button>
      {/* <p>not this</p> */}
      <img src="/a.png" alt='x' />
    </main>
  );
}
"""
JINJA = """<body class="{% if dark %}dark{% endif %}">
  <a href="{{ url_for("home") }}" {% if here %}aria-current="page"{% endif %}>Home</a>
  <!-- <p>not this</p> -->
  <p>One<br>two</p><p>Two</p>
  <script>if (a<b) document.write("<p>");</script>
</body>
"""
HOSTILE = ["<a ", "<a {", '<a "', '<a x="', '<a x="{{', "<a x={'", "</a", "<!-- <a>", "{/*"]


def test_tags_of_jsx_are_told_from_comparisons_types_and_remarks() -> None:
    found = [(one.tag, one.line, one.nth) for one in read(JSX, is_code=True)]

    assert found == [
        ("main", 4, 1), ("b", 5, 1), ("li", 6, 1), ("Button", 7, 1), ("img", 9, 1),
    ]  # fmt: skip


def test_quotes_within_a_template_end_no_attribute() -> None:
    found = {one.line: one for one in read(JINJA) if one.tag in ("a", "p")}

    assert found[2].attributes["href"].value == '{{ url_for("home") }}'
    assert (found[2].content, found[2].closed) == ("Home", True)
    assert [one.tag for one in read(JINJA)] == ["body", "a", "p", "br", "p", "script"]


@pytest.mark.parametrize(
    ("written", "shown", "certain"),
    [
        ("Hello {{ name }}, welcome", "Hello Ada, welcome", 14),
        ("{count} in the", "12 in the", 6),
        ("Fish &amp; chips", "Fish & chips", 12),
        ("Hello", "Hello you", -1),
        ("{items.map((one) => { return (", "anything", 0),
        ("<?= $name ?>!", "Ada!", 1),
    ],
)
def test_what_is_put_into_a_text_may_be_anything(written: str, shown: str, certain: int) -> None:
    assert fits(written, shown) == certain


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_file_that_is_made_to_take_long_is_given_up(piece: str) -> None:
    began = time.process_time()

    read((piece * 200_000)[:200_000], is_code=True)

    assert time.process_time() - began < 5.0
