"""The type of what serves one kind of connection; asgiref's own says that all serve every kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable

Application = Callable[[Any, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]
