"""`manage.py doctor`: looks at everything that the platform needs and says what to do."""

from __future__ import annotations
