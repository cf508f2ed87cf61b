"""A POST that is sent twice with one Idempotency-Key is carried out once.

After the draft of the IETF working group httpapi, "The Idempotency-Key HTTP Header Field".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from vibe.accounts.services import rights
from vibe.api import errors
from vibe.api.models import IdempotentRequest
from vibe.data.newest import keep_newest

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
# A request whose process died: after this its key may be used again.
ABANDONED = timedelta(minutes=15)
LONGEST_KEY = 255
LARGEST_ANSWER = 256 * 1024
# Of one caller so many are remembered; larger answers are looked through at once.
MOST_KEPT = 10_000
MOST_LARGE, LARGE = 500, 16 * 1024


def once(operation: Callable[..., Any]) -> Callable[..., Any]:
    """An operation that a repeated key does not carry out again.

    It stands behind authentication and the check of the request's fields, so that nothing is kept,
    and nothing kept is shown, for whoever may not do that now.
    """

    @wraps(operation)
    def asked(request: HttpRequest, *args: Any, **fields: Any) -> Any:
        claim, answer = _begin(request)
        cast(Any, request).idempotent_claim = claim
        return operation(request, *args, **fields) if answer is None else answer

    return asked


def _begin(request: HttpRequest) -> tuple[IdempotentRequest | None, HttpResponse | None]:
    """(the claim to finish, the answer to give instead of carrying the request out).

    Both are None for a request without a key.
    """
    key = request.headers.get(HEADER, "")
    right = rights.of_request(request)
    if not key or request.method != "POST" or right is None:
        return None, None
    if len(key) > LONGEST_KEY or not key.isprintable():
        return None, errors.answer(
            "invalid", f"{HEADER} is not usable.", f"Send up to {LONGEST_KEY} printable characters."
        )
    wanted = IdempotentRequest(
        caller=f"user:{right.user}", key=key, fingerprint=_fingerprint(request)
    )
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
        return wanted, None
    except IntegrityError:
        pass
    known = IdempotentRequest.objects.filter(caller=wanted.caller, key=key).first()
    if known is None:  # it was dropped in between
        return _begin(request)
    return _again(known, wanted)


def finish(request: HttpRequest, response: HttpResponseBase) -> None:
    """Keep an answer that settles the request, and forget the claim of one that does not."""
    claim = getattr(request, "idempotent_claim", None)
    if claim is None:
        return
    settled = response.status_code < 500 and response.status_code not in (401, 403, 409, 429)
    # What says no-store holds a secret; what streams cannot be kept.
    private = "no-store" in response.get("Cache-Control", "")
    if not settled or private or not isinstance(response, HttpResponse):
        claim.delete()
        return
    if len(response.content) > LARGEST_ANSWER:
        claim.delete()
        return
    claim.status = response.status_code
    claim.content_type = response.get("Content-Type", "")
    claim.body = response.content
    claim.save(update_fields=["status", "content_type", "body"])
    if len(response.content) > LARGE:
        _keep_few_large(claim.caller)


def abandon(request: HttpRequest) -> None:
    """The request failed without an answer: its key may be used again."""
    claim = getattr(request, "idempotent_claim", None)
    if claim is not None:
        claim.delete()


def forget_old() -> int:
    """Delete what is older than a day, and the oldest of a caller who has very many; the number
    of requests forgotten."""
    old = IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT)
    settled = IdempotentRequest.objects.exclude(status=None)
    return old.delete()[0] + keep_newest(settled, MOST_KEPT, owner="caller")


def _keep_few_large(caller: str) -> None:
    sized = IdempotentRequest.objects.annotate(size=Length("body"))
    large = sized.filter(caller=caller, size__gt=LARGE).exclude(status=None)
    keep_newest(large, MOST_LARGE, owner="caller")


def _again(
    known: IdempotentRequest, wanted: IdempotentRequest
) -> tuple[IdempotentRequest | None, HttpResponse | None]:
    if known.fingerprint != wanted.fingerprint:
        return None, errors.answer(
            "invalid",
            f"This {HEADER} was used for another request.",
            "Make a new key for each request.",
            status=422,
        )
    if known.status is None:
        now = timezone.now()
        taken = IdempotentRequest.objects.filter(
            pk=known.pk, status=None, created_at__lt=now - ABANDONED
        ).update(created_at=now)
        if taken:
            return known, None
        refusal = errors.answer(
            "conflict",
            f"The first request with this {HEADER} is still under way.",
            "Ask again in a second.",
        )
        refusal["Retry-After"] = "1"
        return None, refusal
    replayed = HttpResponse(
        bytes(known.body), status=known.status, content_type=known.content_type or None
    )
    replayed["Idempotent-Replayed"] = "true"
    return None, replayed


def _fingerprint(request: HttpRequest) -> str:
    # The body of an upload is not read here: it may be larger than memory.
    is_json = request.content_type in ("application/json", "", None)
    body = request.body if is_json else request.headers.get("Content-Length", "").encode()
    head = f"{request.method} {request.get_full_path()} {request.content_type}\n"
    return sha256(head.encode("utf-8", "surrogateescape") + body).hexdigest()
