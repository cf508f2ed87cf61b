"""Markdown of a model to HTML that is safe to put into the page."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from html import escape
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from chat.rendering.emphasis import emphasise_beside_cjk
from chat.rendering.fences import paired
from chat.rendering.links import link_addresses
from chat.rendering.tasks import mark_tasks
from vibe import bounded
from vibe.web.highlight import highlighted, language_of

# Longer texts are shown as they are: no answer of a model needs half a minute of parsing.
MAX_CHARACTERS = 400_000
TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "a", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td", "div"),
    *("figure", "figcaption", "span", "button"),
}
ATTRIBUTES = {
    "a": {"href", "title", "target"},
    "ol": {"start"},
    "li": {"class"},
    "th": {"data-align"},
    "td": {"data-align"},
    "span": {"class"},
    "figure": {"class", "data-language"},
    "div": {"class"},
    "button": {"class", "type", "data-copy-code", "data-save-code"},
}
_Env = MutableMapping[str, Any]


def render(text: str) -> SafeString:
    """HTML of `text`; whatever it contains, no script, style, form or foreign image is in it.

    Text that is very long, or would take very long, is shown as it is.
    """
    html = None
    if len(text) <= MAX_CHARACTERS:
        html = bounded.text("chat.rendering.markdown:html_of", text)
    if html is None:
        return mark_safe(f"<pre>{escape(text)}</pre>")  # noqa: S308 - escaped
    return mark_safe(html)  # noqa: S308 - cleaned by html_of


def html_of(text: str) -> str:
    """What `render` gives back, in the process of bounded time."""
    return nh3.clean(
        _parser().render(paired(text)),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _parser() -> MarkdownIt:
    # Raw HTML stays text (html=False); what the renderer writes is cleaned a second time.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": False})
    parser.enable(["table", "strikethrough"])
    parser.use(link_addresses)
    parser.use(emphasise_beside_cjk)
    parser.use(mark_tasks)
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("link_open", _link)
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    parser.add_render_rule("table_open", lambda *_: '<div class="table-scroll"><table>')
    parser.add_render_rule("table_close", lambda *_: "</table></div>")
    for cell in ("th_open", "td_open"):
        parser.add_render_rule(cell, _cell)
    return parser


def _code(_renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    token = tokens[index]
    language = language_of(token.info)
    body = highlighted(token.content, language)
    return (
        f'<figure class="code" data-language="{escape(language)}">'
        f"<figcaption><span>{escape(language or 'text')}</span>"
        '<button type="button" class="button ghost small" data-copy-code>Copy</button>'
        '<button type="button" class="button ghost small" data-save-code>Save as file</button>'
        f"</figcaption><pre><code>{body}</code></pre></figure>\n"
    )


def _image(_renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    # A picture's address tells its server who reads the answer: it becomes a link.
    token = tokens[index]
    source = str(token.attrs.get("src", ""))
    return f'<a href="{escape(source)}" target="_blank">{escape(token.content or source)}</a>'


def _link(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: _Env
) -> str:
    tokens[index].attrSet("target", "_blank")
    return self.renderToken(tokens, index, options, env)


def _heading(_renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    # The page's own headings are h1 and h2.
    token = tokens[index]
    level = min(6, int(token.tag[1]) + 2)
    return f"<h{level}>" if token.nesting == 1 else f"</h{level}>\n"


def _cell(_renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    token = tokens[index]
    align = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f'<{token.tag} data-align="{escape(align)}">' if align else f"<{token.tag}>"
