from chat.models.conversation import Conversation
from chat.models.message import Message, Part
from chat.models.model_request import ModelRequest
from chat.models.question import Question
from chat.models.queued_message import QueuedMessage
from chat.models.spending import SpendingCap, SpendingCounter
from chat.models.turn import Turn
from chat.models.version import Version

__all__ = [
    "Conversation",
    "Message",
    "ModelRequest",
    "Part",
    "Question",
    "QueuedMessage",
    "SpendingCap",
    "SpendingCounter",
    "Turn",
    "Version",
]
