"""Line ends of files: models write \\n, and a file keeps its own."""

from __future__ import annotations


def line_end(text: str, place: int = 0, found: str = "") -> str:
    """The line end at this place of a text: the one in what was found there, else the end of its
    line, else that of the line before; of a text without any, \\n.
    """
    if "\n" in found:
        return "\r\n" if "\r\n" in found else "\n"
    after = text.find("\n", place)
    at = after if after >= 0 else text.rfind("\n", 0, place)
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def with_line_end(text: str, end: str) -> str:
    """The text with this line end throughout."""
    plain = text.replace("\r\n", "\n")
    return plain if end == "\n" else plain.replace("\n", end)


def is_crlf(text: str) -> bool:
    """Whether every line ends by \\r\\n (and there is one)."""
    ends = text.count("\n")
    return ends > 0 and text.count("\r\n") == ends
