"""What a PDF says, for a process of bounded time: no Django here, and nothing but pypdf."""

from __future__ import annotations

import pypdf


def count(path: str) -> str:
    """Number of its pages."""
    return str(len(pypdf.PdfReader(path).pages))


def text(path: str, number: str) -> str:
    """The text of one page; 0 is the first."""
    return pypdf.PdfReader(path).pages[int(number)].extract_text()
