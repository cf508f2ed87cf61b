from chat.admin.conversation import ConversationAdmin
from chat.admin.turn import TurnAdmin

__all__ = ["ConversationAdmin", "TurnAdmin"]
