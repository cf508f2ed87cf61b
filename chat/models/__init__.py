from chat.models.attachment import Attachment
from chat.models.conversation import Conversation
from chat.models.message import Message, Part
from chat.models.model_request import ModelRequest
from chat.models.question import Question
from chat.models.queued_message import QueuedMessage
from chat.models.search_text import SearchText
from chat.models.spending import SpendingCap, SpendingCounter
from chat.models.turn import Turn
from chat.models.version import Version

__all__ = [
    "Attachment",
    "Conversation",
    "Message",
    "ModelRequest",
    "Part",
    "Question",
    "QueuedMessage",
    "SearchText",
    "SpendingCap",
    "SpendingCounter",
    "Turn",
    "Version",
]
