from chat.admin.conversation import ConversationAdmin
from chat.admin.problem import ProblemAdmin, ProblemDecisionAdmin
from chat.admin.prompt_version import PromptVersionAdmin
from chat.admin.provider import LanguageModelAdmin, ModelPreferenceAdmin, ProviderAdmin
from chat.admin.spending import ModelRequestAdmin, SpendingCapAdmin
from chat.admin.told import SkillAdmin, SummaryAdmin, UserInstructionsAdmin
from chat.admin.tool_server import ToolServerAdmin
from chat.admin.turn import TurnAdmin

__all__ = [
    "ConversationAdmin",
    "LanguageModelAdmin",
    "ModelPreferenceAdmin",
    "ModelRequestAdmin",
    "ProblemAdmin",
    "ProblemDecisionAdmin",
    "PromptVersionAdmin",
    "ProviderAdmin",
    "SkillAdmin",
    "SpendingCapAdmin",
    "SummaryAdmin",
    "ToolServerAdmin",
    "TurnAdmin",
    "UserInstructionsAdmin",
]
