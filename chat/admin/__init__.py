from chat.admin.conversation import ConversationAdmin
from chat.admin.provider import LanguageModelAdmin, ModelPreferenceAdmin, ProviderAdmin
from chat.admin.spending import ModelRequestAdmin, SpendingCapAdmin
from chat.admin.turn import TurnAdmin

__all__ = [
    "ConversationAdmin",
    "LanguageModelAdmin",
    "ModelPreferenceAdmin",
    "ModelRequestAdmin",
    "ProviderAdmin",
    "SpendingCapAdmin",
    "TurnAdmin",
]
