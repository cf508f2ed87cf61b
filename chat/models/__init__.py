from chat.models.conversation import Conversation
from chat.models.message import Message, Part
from chat.models.turn import Turn

__all__ = ["Conversation", "Message", "Part", "Turn"]
