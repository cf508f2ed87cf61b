"""The threads of the previews: looking up and connecting block, the event loop must not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

THREADS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="preview")
