"""A model whose every request is reserved before it is sent, and settled whatever becomes of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import RunContext
from typing_extensions import override

from chat.agent.spending import at_the_cap, size
from chat.agent.wire.attempts import Attempts, counting
from chat.models import ModelRequest
from chat.providers.catalogue import is_own
from chat.providers.price import Price
from chat.providers.prices import price_of
from chat.services.spending.refusing import CapReached
from chat.services.spending.reserving import FEWEST_OUTPUT, Ask, Reservation, reserve
from chat.services.spending.settling import NOTHING, Usage, settle
from chat.tools.context import call

logger = logging.getLogger(__name__)

Outcome = ModelRequest.Outcome
# Statuses of a refusal: the provider has done no work that it would be paid for.
REFUSED = range(400, 600)


@dataclass(frozen=True)
class Account:
    """Who pays, and what for. `stops`: at a cap it fails, in place of asking the person."""

    owner: int
    conversation: str = ""
    turn: str = ""
    purpose: str = "answer"
    stops: bool = True


class CountedModel(WrapperModel):
    """`model_id` is the platform's name of the model, whose price counts."""

    def __init__(self, wrapped: Model, model_id: str, account: Account) -> None:
        super().__init__(wrapped)
        self.platform_id = model_id
        self.account = account

    @override
    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        sending = _Sending(self, messages, model_settings, model_request_parameters)
        async with sending.counted():
            response = await self.wrapped.request(
                messages, sending.settings, model_request_parameters
            )
            sending.response, sending.whole = response, True
        return response

    @override
    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        sending = _Sending(self, messages, model_settings, model_request_parameters)
        async with sending.counted():
            async with self.wrapped.request_stream(
                messages, sending.settings, model_request_parameters, run_context
            ) as stream:
                sending.stream = stream
                yield stream
            sending.whole = True


class _Sending:
    """One request on its way."""

    def __init__(
        self,
        model: CountedModel,
        messages: list[ModelMessage],
        settings: ModelSettings | None,
        parameters: ModelRequestParameters,
    ) -> None:
        self.settings = settings
        self.stream: StreamedResponse | None = None
        self.response: ModelResponse | None = None
        self.whole = False
        self._price: Price | None = None
        self._size = size.of(messages, parameters, model.model_name)
        self._model = model

    @asynccontextmanager
    async def counted(self) -> AsyncGenerator[None]:
        reservation = await self._reserved()
        if reservation.output_most is not None:
            limited: dict[str, Any] = {
                **(self.settings or {}),
                "max_tokens": reservation.output_most,
            }
            self.settings = cast("ModelSettings", limited)
        outcome, fault = Outcome.COMPLETED, None
        with counting() as attempts:
            try:
                yield
            except asyncio.CancelledError:
                outcome = Outcome.STOPPED
                raise
            except BaseException as error:
                outcome, fault = Outcome.FAILED, error
                raise
            finally:
                await _to_its_end(self._settle(reservation, outcome, attempts, fault))

    async def _reserved(self) -> Reservation:
        try:
            return await _or_released(asyncio.ensure_future(call(self._reserve)))
        except CapReached as reached:
            at_the_cap.ask(reached, stops=self._model.account.stops)
            raise

    def _reserve(self) -> Reservation:
        account, settings = self._model.account, cast("dict[str, Any]", self.settings or {})
        self._price = price_of(self._model.platform_id)
        thoughts = settings.get("anthropic_thinking") or {}
        return reserve(
            Ask(
                owner=account.owner,
                conversation=account.conversation,
                turn=account.turn,
                purpose=account.purpose,
                model=self._model.platform_id,
                price=self._price,
                input=self._size.likely,
                input_most=self._size.most,
                output_most=settings.get("max_tokens") or 0,
                # An answer must have room beside its thoughts.
                output_fewest=FEWEST_OUTPUT + int(thoughts.get("budget_tokens") or 0),
                input_by_kind=self._size.by_kind,
                own=is_own(account.owner, self._model.platform_id),
            )
        )

    async def _settle(
        self,
        reservation: Reservation,
        outcome: str,
        attempts: Attempts,
        fault: BaseException | None,
    ) -> None:
        try:
            await call(
                settle,
                reservation.request,
                outcome,
                self._usage(fault, attempts),
                self._price,
                attempts=max(attempts.sent, 1),
            )
        except Exception:
            # What is reserved is given back by whoever looks for lost requests.
            logger.exception("Request %s could not be settled", reservation.request)

    def _usage(self, fault: BaseException | None, attempts: Attempts) -> Usage:
        """As the provider told it; what it had not told yet, by estimate."""
        response = self.response or (self.stream.get() if self.stream is not None else None)
        if response is None and _is_refusal(fault, attempts):
            return NOTHING
        if response is None:
            return Usage(self._size.likely, 0, measured=False)
        told = response.usage
        # Servers that do not count tell nothing, or zeros.
        output = told.output_tokens or not size.written(response)
        if self.whole and not told.unmeasured_requests and told.input_tokens and output:
            return Usage(
                told.input_tokens,
                told.output_tokens,
                told.cache_read_tokens,
                told.cache_write_tokens,
            )
        return Usage(
            told.input_tokens or self._size.likely,
            max(told.output_tokens, size.written(response)),
            told.cache_read_tokens,
            told.cache_write_tokens,
            measured=False,
        )


def _is_refusal(fault: BaseException | None, attempts: Attempts) -> bool:
    if attempts.answered:
        return attempts.answered in REFUSED
    return isinstance(fault, ModelAPIError) and getattr(fault, "status_code", 0) in REFUSED


async def _or_released(reserving: asyncio.Future[Reservation]) -> Reservation:
    """A thread goes on when its turn is stopped: what it has reserved must not stay."""
    try:
        return await asyncio.shield(reserving)
    except asyncio.CancelledError:
        try:
            reservation = await reserving
        except Exception:
            raise asyncio.CancelledError from None
        await _to_its_end(
            call(settle, reservation.request, Outcome.STOPPED, NOTHING, None, attempts=0)
        )
        raise


async def _to_its_end(work: Any) -> None:
    """Do it although the task that waits for it is being cancelled."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                break
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
