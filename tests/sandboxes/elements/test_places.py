"""What a build calls a file is found in the workspace, and nothing outside of it."""

from __future__ import annotations

import pytest

from sandboxes.services.elements.places import named

KNOWN = ["src/App.jsx", "web/src/Card.jsx", "app/page.tsx", "a/index.html", "b/index.html"]


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("/vercel/sandbox/src/App.jsx", "src/App.jsx"),
        ("http://3000-box.vibe.localhost:8000/src/App.jsx?t=1", "src/App.jsx"),
        ("/@fs/vercel/sandbox/src/App.jsx", "src/App.jsx"),
        ("/src/Card.jsx", "web/src/Card.jsx"),
        ("webpack-internal:///(app-pages-browser)/./app/page.tsx", "app/page.tsx"),
        ("turbopack:///[project]/app/page.tsx", "app/page.tsx"),
        ("index.html", ""),
        ("../../etc/passwd", ""),
        ("", ""),
        ("http://[", ""),
    ],
)
def test_a_file_is_found_by_what_a_build_calls_it(file: str, path: str) -> None:
    assert named(file, KNOWN) == path
