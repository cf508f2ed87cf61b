from chat.models.attachment import Attachment
from chat.models.check import Check
from chat.models.context_use import ContextUse
from chat.models.conversation import Conversation
from chat.models.message import Message, Part
from chat.models.model_request import ModelRequest
from chat.models.problem import CommandReading, ErrorMonitor, Problem, ProblemDecision
from chat.models.prompt_version import PromptVersion
from chat.models.provider import LanguageModel, ModelPreference, Provider
from chat.models.question import Question
from chat.models.queued_message import QueuedMessage
from chat.models.search_text import SearchText
from chat.models.share import Share
from chat.models.skill import Skill
from chat.models.spending import SpendingCap, SpendingCounter
from chat.models.summary import Summary
from chat.models.tool_server import ToolServer
from chat.models.turn import Turn
from chat.models.user_instructions import UserInstructions
from chat.models.version import Version

__all__ = [
    "Attachment",
    "Check",
    "CommandReading",
    "ContextUse",
    "Conversation",
    "ErrorMonitor",
    "LanguageModel",
    "Message",
    "ModelPreference",
    "ModelRequest",
    "Part",
    "Problem",
    "ProblemDecision",
    "PromptVersion",
    "Provider",
    "Question",
    "QueuedMessage",
    "SearchText",
    "Share",
    "Skill",
    "SpendingCap",
    "SpendingCounter",
    "Summary",
    "ToolServer",
    "Turn",
    "UserInstructions",
    "Version",
]
