"""Requests as people write them, and what each is to be understood as."""

from __future__ import annotations

import json
from pathlib import Path

REQUESTS = [
    (text.lstrip("+"), text.startswith("+"), expected, language)
    for file in ("demo_requests.json", "demo_requests_exam.json")
    for language, rows in json.loads(
        Path(__file__).with_name(file).read_text(encoding="utf-8")
    ).items()
    for text, expected in rows
]
