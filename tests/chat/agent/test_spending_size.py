"""How large a request is before it is sent."""

from __future__ import annotations

from pydantic_ai.messages import (
    BinaryContent,
    InstructionPart,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.usage import RequestUsage

from chat.agent.spending import size

NOTHING = ModelRequestParameters()


def asked(content) -> ModelRequest:
    return ModelRequest(parts=[UserPromptPart(content)])


def answered(text: str, model: str = "m", tokens: tuple[int, int] = (0, 0)) -> ModelResponse:
    usage = RequestUsage(input_tokens=tokens[0], output_tokens=tokens[1])
    return ModelResponse(parts=[TextPart(text)], model_name=model, usage=usage)


def test_no_text_has_more_tokens_than_bytes() -> None:
    found = size.of([asked("ü" * 1000)], NOTHING, "m")
    assert found.most >= 2000
    assert found.likely < found.most


def test_what_the_provider_has_counted_is_not_guessed_again() -> None:
    said = [asked("a" * 100_000), answered("b" * 10_000, tokens=(25_000, 2_500)), asked("c" * 100)]
    assert 27_600 <= size.of(said, NOTHING, "m").most < 28_000


def test_what_another_models_provider_has_counted_is_not_believed() -> None:
    said = [asked("a" * 100_000), answered("b", "other", (5, 5)), asked("c")]
    assert size.of(said, NOTHING, "m").most > 100_000


def test_a_picture_is_not_counted_by_its_bytes() -> None:
    picture = BinaryContent(b"x" * 3_000_000, media_type="image/png")
    assert size.of([asked(["What is this?", picture])], NOTHING, "m").most < 20_000


def test_input_is_told_apart_by_kind() -> None:
    read = ToolCallPart("read_file", {"path": "a"}, tool_call_id="1")
    said = [
        asked("Before" * 100),
        answered("Yes" * 100),
        asked("Now"),
        ModelResponse(parts=[read]),
        ModelRequest(parts=[ToolReturnPart("read_file", "x" * 4000, tool_call_id="1")]),
        ModelRequest(parts=[ToolReturnPart("run_command", "y" * 400, tool_call_id="2")]),
    ]
    standing = ModelRequestParameters(instruction_parts=[InstructionPart("Do " * 100)])
    by_kind = size.of(said, standing, "m").by_kind
    assert set(by_kind) == {"system", "history", "request", "files", "results"}
    assert by_kind["files"] > by_kind["results"] > by_kind["request"]
