"""Has every request of a run counted, whichever model serves it and however often it is tried."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models import AbstractModel, Model
from pydantic_ai.models.wrapper import WrapperModel
from typing_extensions import override

from chat.agent.spending import at_the_cap
from chat.agent.spending.counted import Account, CountedModel
from chat.models import Turn
from chat.tools.context import TurnContext, call


@dataclass
class Spending(AbstractCapability[TurnContext]):
    """Of one run: `for_run` makes it anew."""

    account: Account | None = None
    main: AbstractModel | None = None
    model_id: str = ""

    @override
    async def for_run(self, ctx: RunContext[TurnContext]) -> Spending:
        context = ctx.deps
        stops = await call(at_the_cap.answered, context.answer, context.conversation_id)
        account = Account(context.owner.pk, context.conversation_id, context.turn_id, stops=stops)
        return Spending(account, ctx.model, await call(_model_of, context.turn_id))

    @override
    def get_wrapper_model(self, model: Model) -> Model | None:
        assert self.account is not None
        # Another than the turn's serves when that one fails; it goes by its provider's name.
        is_main = _innermost(model) is _innermost(self.main)
        return CountedModel(model, self.model_id if is_main else model.model_id, self.account)


def _innermost(model: AbstractModel | None) -> AbstractModel | None:
    """Other capabilities may have wrapped it too."""
    while isinstance(model, WrapperModel):
        model = model.wrapped
    return model


def _model_of(turn_id: str) -> str:
    return Turn.objects.values_list("model", flat=True).get(pk=turn_id)
