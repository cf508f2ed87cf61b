"""What was spent on models, and how the caps stand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from chat.models import SpendingCap
from chat.services import conversations
from chat.services.spending import caps, standing, sums
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject
from vibe.refusal import Refusal

router = Router(auth=access("chat"))
COST = "Dollars; null: unknown of some requests, so that there is no sum."
By = Annotated[
    Literal["day", "model", "conversation", "user"],
    Query(description="How to divide it. `user` is for staff, and of all users."),
]
First = Annotated[
    date | None, Query(alias="from", description="The first day. Default: 30 days to `until`.")
]
Last = Annotated[date | None, Query(description="The last day. Default: today.")]


class SpentOut(Schema):
    requests: int
    input_tokens: int = Field(description="With what was read from the provider's cache.")
    cached_tokens: int
    cache_write_tokens: int
    output_tokens: int
    cost: Decimal | None = Field(description=COST, examples=["0.0312"])
    known_cost: Decimal = Field(description="Dollars of the requests whose cost is known.")
    unpriced_requests: int = Field(description="Requests whose cost is unknown.")


class UsageLine(SpentOut):
    key: str = Field(
        description="The day, or the id of the model, conversation or user; empty for what is of "
        "none any more and for the rest of a long list.",
        examples=["2026-11-29"],
    )
    label: str = Field(examples=["29 Nov"])


class CapOut(Schema):
    scope: Literal["conversation", "user", "group", "platform"]
    period: Literal["total", "day", "month"]
    label: str = Field(examples=["You, today"])
    amount: Decimal = Field(description="Dollars that may be spent; 0: nothing.")
    spent: Decimal
    reserved: Decimal = Field(description="Held by requests under way, at the most they can cost.")
    left: Decimal


class SpendingOut(Schema):
    by: Literal["day", "model", "conversation", "user"]
    first: date = Field(serialization_alias="from")
    until: date
    items: list[UsageLine] = Field(description="Days in order; else the dearest first.")
    total: SpentOut
    caps: list[CapOut] = Field(description="Those that hold for you, and how they stand.")


class CapIn(JsonObject):
    amount: Decimal | None = Field(
        ge=0,
        le=caps.MOST,
        description="Dollars; 0: nothing may be spent, null: no cap of its own.",
        examples=["2.50"],
    )
    unknown_price: Decimal | None = Field(
        None,
        ge=0,
        le=caps.MOST,
        description="Dollars to count for a million tokens of a model without a known price. "
        "Null: such models are refused under the cap, unless VIBE_UNKNOWN_PRICE is set.",
    )


class CapsOut(Schema):
    items: list[CapOut]


@router.get("/usage", response=SpendingOut, by_alias=True, summary="See what was spent")
def get_spending(
    request: HttpRequest, by: By = "day", first: First = None, until: Last = None
) -> Any:
    """Of your requests to models, those of up to 366 days. Sums are the providers' own numbers."""
    user = caller(request)
    if by == "user" and not user.is_staff:
        raise Refusal(
            "Only staff sees what each user has spent.",
            "Ask for day, model or conversation.",
            "denied",
        )
    last = until or caps.today()
    try:
        begun = first or last - timedelta(days=sums.USUAL_DAYS - 1)
    except OverflowError:
        raise Refusal("There is no such day.", "Ask for a later one.", "invalid") from None
    usage = sums.Usage(None if by == "user" else user, sums.Period.checked(begun, last))
    return {
        "by": by,
        "first": begun,
        "until": last,
        "items": [
            {"key": line.key, "label": line.label, **_shown(line.spent)} for line in usage.by(by)
        ],
        "total": _shown(usage.total),
        "caps": [_cap(one) for one in standing.of(user)],
    }


@router.get(
    "/conversations/{slug:conversation_id}/caps",
    response=CapsOut,
    summary="List the caps of a conversation",
)
def list_caps(request: HttpRequest, conversation_id: str) -> Any:
    """All that hold for what is asked in it: its own, yours, those of your groups."""
    user = caller(request)
    found = standing.of(user, conversations.get_for(user, conversation_id))
    return {"items": [_cap(one) for one in found]}


@router.put(
    "/conversations/{slug:conversation_id}/cap",
    response={200: CapsOut},
    summary="Set the cap of a conversation",
)
def put_cap(request: HttpRequest, conversation_id: str, data: CapIn) -> Any:
    """What it may spend in all. At the cap a turn stops before it asks the model for more."""
    user = caller(request)
    conversation = conversations.get_for(user, conversation_id)
    caps.set_for(conversation, data.amount, data.unknown_price)
    return Status(200, {"items": [_cap(one) for one in standing.of(user, conversation)]})


def _shown(spent: sums.Spent) -> dict[str, Any]:
    return {
        "requests": spent.requests,
        "input_tokens": spent.input,
        "cached_tokens": spent.cached,
        "cache_write_tokens": spent.written,
        "output_tokens": spent.output,
        "cost": spent.dollars,
        "known_cost": spent.cost,
        "unpriced_requests": spent.unpriced,
    }


def _cap(one: standing.Standing) -> dict[str, Any]:
    return {
        "scope": SpendingCap.Scope(one.cap.scope).value,
        "period": SpendingCap.Period(one.cap.period).value,
        "label": one.cap.label,
        "amount": one.cap.amount,
        "spent": one.spent,
        "reserved": one.reserved,
        "left": one.left,
    }
