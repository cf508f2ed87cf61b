from chat.models.conversation import Conversation
from chat.models.message import Message, Part
from chat.models.provider import LanguageModel, ModelPreference, Provider
from chat.models.turn import Turn
from chat.models.version import Version

__all__ = [
    "Conversation",
    "LanguageModel",
    "Message",
    "ModelPreference",
    "Part",
    "Provider",
    "Turn",
    "Version",
]
