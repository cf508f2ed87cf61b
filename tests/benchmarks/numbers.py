"""The numbers that design promises, in the order in which the table prints them.

A benchmark adds a row by `table.times(path, bar, ours, name, theirs)` or `table.add(path, …)`. A
path that is listed here and got no row is printed as not measured; one that is not listed follows
at the end. So a new number needs a line here only when its absence should be seen.
"""

from __future__ import annotations

FIRST_BYTE = "API call → first byte, existing sandbox"
CREATE_COLD = "create sandbox → first byte, cold"
CREATE_WARM = "create sandbox → first byte, one waits"
LINE_IDLE = "line printed → browser's socket, p95, idle"
LINE_BUSY = "line printed → browser's socket, p95, 1,000 lines/s"
LINES = "100,000 lines to a client, persisted"
MANY_CPU = "1,000 commands × 10 lines/s on one worker, processor"
MANY_MEMORY = "1,000 commands × 10 lines/s on one worker, memory"
WATCHERS = "400 watchers of one log, one Daphne, p50"
IDLE_SANDBOX = "idle sandbox, memory"
ASLEEP_CPU = "sandboxes that sleep, processor of all"
WAKE_FROZEN = "a sandbox that sleeps → first byte of its preview, p95"
WAKE_STOPPED = "a sandbox that is stopped → first byte of its preview, p95"
IDLE_PLATFORM = "idle platform, memory of all processes"
LOG_PAGE = "page with a 100,000-line log → its last line shown"
LOG_FRAMES = "scrolling through 100,000 lines, a frame, p95"
LOG_MEMORY = "page with a 100,000-line log, memory of the tab"
FIRST_PAINT = "workbench page, server time"
PAGE_REQUESTS = "workbench, requests until it is there"
PAGE_BYTES = "workbench, bytes transferred until it is there"
FIRST_CONTENT = "workbench, first contentful paint in the browser"
LONG_THREAD = "conversation of 200 turns and 2,000 parts, server time"
LONG_THREAD_CPU = "conversation of 200 turns and 2,000 parts, processor"
LONG_THREAD_FRAMES = "100 tokens/s into it, the longest frame"
FIRST_TOKEN = "model's first byte → first token on the page"
COPY = "copy of a sandbox with 20,000 files → running"
RESTORE = "restore of a sandbox with 20,000 files → running"
PREVIEW_PAGES = "preview, pages a second, {} connections"
PREVIEW_DOWNLOAD = "preview, download of 100 MB"
FIRST_UP = "`up` → ready, first, nothing installed"
LATER_UP = "`up` → ready, later"

# path, bar
PROMISED = [
    (FIRST_BYTE, "≤ 8 ms"),
    (CREATE_COLD, "≤ 40 ms"),
    (CREATE_WARM, "≤ 18 ms"),
    (LINE_IDLE, "≤ 5 ms"),
    (LINE_BUSY, "≤ 20 ms"),
    (LINES, "≤ 2 ×"),
    (MANY_CPU, "≤ 60 %"),
    (MANY_MEMORY, "≤ 150 MB"),
    (WATCHERS, "≤ 15 ms"),
    (IDLE_SANDBOX, "≤ 4 MB"),
    (ASLEEP_CPU, "≤ 1 %"),
    (WAKE_FROZEN, "< 50 ms"),
    (WAKE_STOPPED, "< 2000 ms"),
    (IDLE_PLATFORM, "≤ 250 MB"),
    (LOG_PAGE, "≤ 1000 ms"),
    (LOG_FRAMES, "≤ 33 ms"),
    (LOG_MEMORY, "≤ 150 MB"),
    (FIRST_PAINT, "< 100 ms"),
    (PAGE_REQUESTS, "< 15"),
    (PAGE_BYTES, "< 150 kB"),
    (FIRST_CONTENT, "< 200 ms"),
    (LONG_THREAD, "< 300 ms"),
    (LONG_THREAD_CPU, "< 300 ms"),
    (LONG_THREAD_FRAMES, "≤ 50 ms"),
    (FIRST_TOKEN, "≤ 30 ms"),
    (COPY, "≤ 1500 ms"),
    (RESTORE, "≤ 1500 ms"),
    (PREVIEW_PAGES.format(1), "≥ 0.5 ×"),
    (PREVIEW_PAGES.format(10), "≥ 0.25 ×"),
    (PREVIEW_PAGES.format(50), "≥ 0.25 ×"),
    (PREVIEW_DOWNLOAD, "≥ 0.5 ×"),
    (FIRST_UP, "≤ 45 s"),
    (LATER_UP, "≤ 3 s"),
]
BARS = dict(PROMISED)
