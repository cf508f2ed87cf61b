"""Answers that are awaited, such as those of `wait`, with no thread held meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from ninja import Schema

from vibe.api import errors
from vibe.data.database import in_thread
from vibe.later import Later
from vibe.refusal import Code, Refusal

logger = logging.getLogger("vibe.api")


def later(schema: type[Schema], find: Callable[[], Awaitable[Any]], *, status: int = 200) -> Later:
    """The answer is, in the form of `schema`, what `find` gives, or the refusal it raises."""

    async def make() -> HttpResponseBase:
        try:
            found = await find()
            # In a thread, because a schema may look at further rows.
            shown = await in_thread(lambda: schema.from_orm(found).model_dump(mode="json"))
        except Refusal as error:
            return errors.told(error)
        except ObjectDoesNotExist:
            gone = Refusal("It was deleted meanwhile.", "Make another one.", Code.NOT_FOUND)
            return errors.told(gone)
        except Exception as error:
            logger.error("an awaited answer failed", exc_info=error)
            return errors.failed()
        return JsonResponse(shown, status=status)

    return Later(make, errors.told)
