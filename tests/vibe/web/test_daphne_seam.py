"""What is written into a WebSocket past Autobahn is what the protocol says."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from vibe.web.daphne_seam import websockets


@pytest.mark.parametrize("size", [1, 125, 126, 65_535, 65_536, 256 * 1024])
@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.BINARY])
def test_a_message_of_any_size_is_one_frame(opcode, size):
    data = b"x" * size
    assert websockets.frame(opcode, data) == Frame(opcode, data).serialize(mask=False)
