"""What ASGI messages cannot tell Daphne; all knowledge of its inside is in this folder.

Daphne (4.2) buffers without bound what a slow client does not read and what the application has
not read yet, cannot cut a response short, lets Autobahn refuse the close codes 1001–1014, has a
frame of a WebSocket take a turn of the event loop, waits on whoever begins to encrypt, hangs up on
large headers, and holds whole messages of WebSockets. Its `send` is a partial over the Twisted
protocol, which can do better. Under another ASGI server nothing here does anything: those wait in
`send`, pass bodies on as they come, cut the response when the application raises, and take every
close code. Only the bytes of a WebSocket, which previews pass on, no other hands out.
"""

from __future__ import annotations

from vibe.web.daphne_seam.behind import Changed
from vibe.web.daphne_seam.bodies import keep_bodies_on_disk
from vibe.web.daphne_seam.cutting import CutBrokenResponses, cut
from vibe.web.daphne_seam.encrypted import refuse_encryption
from vibe.web.daphne_seam.flow import flow_control
from vibe.web.daphne_seam.heads import answer_large_heads
from vibe.web.daphne_seam.lending import Lent, lend_connections
from vibe.web.daphne_seam.raw import RawSocket, accept_raw, reject
from vibe.web.daphne_seam.sockets import emptied_socket
from vibe.web.daphne_seam.websockets import any_close_code, frames_at_once

__all__ = [
    "Changed",
    "CutBrokenResponses",
    "Lent",
    "RawSocket",
    "accept_raw",
    "answer_large_heads",
    "any_close_code",
    "cut",
    "emptied_socket",
    "flow_control",
    "frames_at_once",
    "keep_bodies_on_disk",
    "lend_connections",
    "refuse_encryption",
    "reject",
]
