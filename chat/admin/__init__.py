from chat.admin.conversation import ConversationAdmin
from chat.admin.provider import LanguageModelAdmin, ModelPreferenceAdmin, ProviderAdmin
from chat.admin.turn import TurnAdmin

__all__ = [
    "ConversationAdmin",
    "LanguageModelAdmin",
    "ModelPreferenceAdmin",
    "ProviderAdmin",
    "TurnAdmin",
]
