"""What a model writes is hostile until it is rendered."""

from __future__ import annotations

import re

import pytest

from chat.rendering.markdown import html_of, render

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:alert(1))",
    "![x](http://evil.example/pixel.png)",
    "<iframe src=//evil.example></iframe>",
    "<svg onload=alert(1)>",
    "<form action=//evil.example><button>go</button></form>",
    "<style>body{display:none}</style>",
    "<a href='#' onclick=alert(1)>x</a>",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\ncode\n```',
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "<div hx-get='/settings/' hx-trigger='load'>x</div>",
    "[x](http://a.example \"' onmouseover='alert(1)\")",
]
ALLOWED_ATTRIBUTES = re.compile(
    r'\s(?:href|title|target|rel|class|type|start|data-(?:align|language|copy-code|save-code))="[^"]*"'
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_becomes_an_active_element(attack: str) -> None:
    html = render(attack)
    for tag in re.findall(r"<[a-zA-Z][^>]*>", html):
        name = re.match(r"<([a-zA-Z0-9]+)", tag).group(1)
        assert name not in {"script", "img", "iframe", "svg", "form", "style", "object", "input"}
        rest = ALLOWED_ATTRIBUTES.sub("", tag[len(name) + 1 : -1]).strip(" /")
        assert rest == "", tag
    assert not re.search(r'href="(?!https?:|mailto:|#)', html)


def test_links_open_elsewhere_without_telling_where_from() -> None:
    html = render("[docs](https://example.com/)")
    assert 'target="_blank"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_a_plain_address_becomes_a_link_without_the_full_stop() -> None:
    assert 'href="http://3000-abc.localhost:8000/"' in render(
        "It runs at http://3000-abc.localhost:8000/."
    )


def test_an_address_in_code_stays_code() -> None:
    assert "<a" not in render("`http://example.com/`")


def test_code_is_highlighted_and_says_its_language() -> None:
    html = render("```python\nprint('hi')\n```")
    assert 'data-language="python"' in html
    assert '<span class="nb">print</span>' in html


def test_code_of_an_unknown_language_is_only_escaped() -> None:
    assert "&lt;b&gt;" in render("```nosuch\n<b>\n```")


def test_a_picture_is_a_link_so_that_nothing_is_fetched_by_itself() -> None:
    html = render("![logo](http://evil.example/x.png)")
    assert "<img" not in html
    assert '<a href="http://evil.example/x.png"' in html


def test_a_very_long_text_is_shown_unparsed() -> None:
    html = render("*a* <b>" * 100_000)
    assert html.startswith("<pre>*a* &lt;b&gt;")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("见https://example.com/a。好", "https://example.com/a"),
        ("看 https://example.com/路径，然后", "https://example.com/路径"),
        ("“https://example.com/a”", "https://example.com/a"),
        ("https://example.com/（注）", "https://example.com/"),
        ("https://en.wikipedia.org/wiki/Foo_(bar)", "https://en.wikipedia.org/wiki/Foo_(bar)"),
        ("(https://en.wikipedia.org/wiki/Foo_(bar)).", "https://en.wikipedia.org/wiki/Foo_(bar)"),
        ("(see https://example.com/a)", "https://example.com/a"),
        ("https://example.com/a?b=[1]", "https://example.com/a?b=[1]"),
    ],
)
def test_an_address_ends_where_its_sentence_goes_on(text: str, address: str) -> None:
    assert f'<a href="{address}" ' in html_of(text)
    assert f">{address}</a>" in html_of(text)


@pytest.mark.parametrize("text", ["https://", "https://...", "https://)", "http://。"])
def test_what_is_no_address_is_no_link(text: str) -> None:
    assert "<a" not in html_of(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("这是**“引用”**吗", "这是<strong>“引用”</strong>吗"),
        ("これは**太字。**です", "これは<strong>太字。</strong>です"),
        ("**粗体（注）**文字", "<strong>粗体（注）</strong>文字"),
        ("그는 **“네”**라고", "그는 <strong>“네”</strong>라고"),
        ("snake_case_name and a * b * c", "snake_case_name and a * b * c"),
        ("2*3*4", "2<em>3</em>4"),
        ('a**"b"**c', "a**&quot;b&quot;**c"),
    ],
)
def test_words_are_bold_beside_scripts_without_spaces(text: str, html: str) -> None:
    assert html_of(text).strip() == f"<p>{html}</p>".replace("&quot;", '"')


def test_a_list_of_tasks_shows_what_is_done() -> None:
    html = html_of("- [ ] open\n- [x] done\n- [link] no task")
    assert '<li class="task">☐ open</li>' in html
    assert '<li class="task">☑ done</li>' in html
    assert "<li>[link] no task</li>" in html


def test_a_markdown_file_with_fences_inside_is_one_block() -> None:
    html = html_of("```markdown\n# Run\n```bash\nnpm i\n```\nDone.\n```\nAfter.")
    assert html.count("<figure") == 1
    assert "<p>After.</p>" in html
    assert "Done." in html.partition("</figure>")[0]


def test_fences_that_do_not_pair_up_are_as_they_were() -> None:
    html = html_of("```markdown\n# Run\n```\nAfter.\n\n```bash\nls\n```")
    assert html.count("<figure") == 2
    assert "<p>After.</p>" in html


def test_a_block_of_another_language_ends_at_its_first_end() -> None:
    assert "<p>x</p>" in html_of("```py\n'''\n```\nx\n\n```js\n```")
