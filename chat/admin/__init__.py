from chat.admin.conversation import ConversationAdmin
from chat.admin.spending import ModelRequestAdmin, SpendingCapAdmin
from chat.admin.turn import TurnAdmin

__all__ = ["ConversationAdmin", "ModelRequestAdmin", "SpendingCapAdmin", "TurnAdmin"]
