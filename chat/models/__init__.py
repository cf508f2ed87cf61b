from chat.models.conversation import Conversation
from chat.models.message import Message, Part
from chat.models.question import Question
from chat.models.queued_message import QueuedMessage
from chat.models.turn import Turn
from chat.models.version import Version

__all__ = ["Conversation", "Message", "Part", "Question", "QueuedMessage", "Turn", "Version"]
