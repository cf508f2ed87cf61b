from chat.models.attachment import Attachment
from chat.models.conversation import Conversation
from chat.models.message import Message, Part
from chat.models.turn import Turn
from chat.models.version import Version

__all__ = ["Attachment", "Conversation", "Message", "Part", "Turn", "Version"]
