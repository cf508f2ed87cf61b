"""What the workbench adds to a page in a preview: one script, which tells it the page's console.

Only a page that a browser shows gets it: what a page fetches, downloads and answers of APIs pass as
they are, and of the page itself not a byte is changed besides. `of` says whether a request may be
for such a page, `Page.asked` is its way in, `Page.answered` its way back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from django.conf import settings

from sandboxes.preview.headers import Headers
from sandboxes.preview.injection import answers, navigation, policies, snippet
from sandboxes.preview.injection.opening import Opening, read

# They name or vouch for bytes that are no longer these.
OF_OTHER_BYTES = {
    b"accept-ranges",
    b"content-digest",
    b"content-encoding",
    b"content-length",
    b"content-md5",
    b"digest",
    b"etag",
    b"last-modified",
    b"repr-digest",
}


@dataclass(frozen=True)
class Page:
    """A request that a browser may show the answer of."""

    def asked(self, headers: Headers) -> Headers:
        """The request's headers for the server: what is to be read is asked for uncompressed, and
        anew, for the browser's copy may be one without the script."""
        dropped = {b"accept-encoding", b"if-none-match", b"if-modified-since"}
        return [(name, value) for name, value in headers if name.lower() not in dropped]

    async def answered(
        self, status: int, headers: Headers, stream: AsyncIterator[bytes]
    ) -> tuple[Headers, AsyncIterator[bytes]]:
        """The answer's headers and body with the script; as they were where it is no page.

        Of the body so much is read as is needed to see where the script belongs.
        """
        if not answers.is_page(status, headers):
            return headers, stream
        encoded = answers.is_compressed(headers)
        plain = answers.inflated(stream) if encoded else stream
        opening = await read(plain)
        if opening.place < 0:
            return (_uncompressed(headers) if encoded else headers), opening.rest()
        return _headers(headers, opening, encoded), _with_script(opening)


def of(method: str, headers: Headers, *, wanted: bool) -> Page | None:
    """The page that a request may be for; None for any other request, and where nobody wants it."""
    if not (wanted and settings.PREVIEW_CONSOLE and navigation.is_one(method, headers)):
        return None
    return Page()


def _uncompressed(headers: Headers) -> Headers:
    return [
        (name, value)
        for name, value in headers
        if name.lower() not in (b"content-encoding", b"content-length", b"etag")
    ]


def _headers(headers: Headers, opening: Opening, encoded: bool) -> Headers:
    kept: Headers = []
    for name, value in headers:
        lower = name.lower()
        if lower == b"content-length" and not encoded:
            value = str(int(value) + len(snippet.element())).encode()
        elif lower in OF_OTHER_BYTES:
            continue
        elif lower in policies.NAMES:
            value = policies.allowing(value, snippet.source())
        elif lower == b"content-type":
            value = opening.content_type(value)
        kept.append((name, value))
    # A copy that the browser keeps is no answer to what a script of the page fetches.
    return [*kept, (b"vary", b"sec-fetch-dest")]


async def _with_script(opening: Opening) -> AsyncIterator[bytes]:
    yield opening.held[: opening.place] + snippet.element() + opening.held[opening.place :]
    async for piece in opening.following:
        yield piece
