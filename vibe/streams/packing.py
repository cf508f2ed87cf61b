"""Redis commands packed by hiredis on asynchronous connections too, as redis-py does on others.

In Python it takes longer than all else that a line of a command needs on its way into Redis.
"""

from __future__ import annotations

from typing import Any

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import DataError


def packing_in_c(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """The same class of connections, but for how it packs."""

    class Packing(kind):  # type: ignore[misc, valid-type]  # a class that is known at run time
        def pack_command(self, *args: Any) -> list[bytes]:
            # A name may be of several words, which Redis wants apart.
            name = args[0].encode() if isinstance(args[0], str) else args[0]
            try:
                return [hiredis.pack_command((*name.split(), *args[1:]))]
            except TypeError as error:
                raise DataError(str(error)) from None

    Packing.__name__ = Packing.__qualname__ = kind.__name__
    return Packing
