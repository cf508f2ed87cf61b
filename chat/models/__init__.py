from chat.models.conversation import Conversation
from chat.models.message import Message, Part
from chat.models.search_text import SearchText
from chat.models.turn import Turn
from chat.models.version import Version

__all__ = ["Conversation", "Message", "Part", "SearchText", "Turn", "Version"]
