"""What servers make of the wire formats: their bytes, and what the turn has to become.

`chat` and `messages` hold the answers of one turn, in order, as events of OpenAI's and Anthropic's
format; a text is sent as it is, an object as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Quirk:
    """`parts`: kind and text (of a call: its path) of each part. Where a call is in a row, a plain
    answer follows by itself.
    """

    name: str
    chat: list[Any] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    status: str = "completed"
    error: str = ""
    kind: str = "text/event-stream"
    code: int = 200
    closed: bool = True
    # Without: the body goes on until the connection is closed.
    framed: bool = True
    # How often the answer is given before ordinary ones follow.
    times: int = 1


def delta(finish: Any = None, **said: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


def called(index: Any, call_id: Any, name: Any, arguments: Any) -> dict[str, Any]:
    """A piece of a call; what is None is left out."""
    function = {"name": name, "arguments": arguments}
    call = {
        "index": index,
        "id": call_id,
        "function": {k: v for k, v in function.items() if v is not None},
    }
    return delta(tool_calls=[{k: v for k, v in call.items() if v is not None}])


def block(index: Any, **content: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": content}


def change(index: Any, **content: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": content}


def use(index: Any, call_id: str, given: Any = None, *pieces: Any) -> list[dict[str, Any]]:
    begun = block(index, type="tool_use", id=call_id, name="list_files", input=given or {})
    more = [change(index, type="input_json_delta", partial_json=piece) for piece in pieces]
    return [begun, *more, {"type": "content_block_stop", "index": index}]


def ended(reason: Any) -> list[dict[str, Any]]:
    changed = {
        "type": "message_delta",
        "delta": {"stop_reason": reason},
        "usage": {"output_tokens": 3},
    }
    return [changed, {"type": "message_stop"}]


def words(*texts: str) -> list[dict[str, Any]]:
    """The same text in Anthropic's format, in a block of its own."""
    return [block(0, type="text", text=""), *(change(0, type="text_delta", text=t) for t in texts)]


def said(*texts: str) -> list[dict[str, Any]]:
    return [delta(content=text) for text in texts]


HI = [("text", "Hi there")]
TWO = [("tool_call", "a"), ("tool_call", "b"), ("text", "Ordinary.")]
A, B = '{"path": "a"}', '{"path": "b"}'
THOUGHT = [("reasoning", "hmm"), ("text", "Four.")]


def both(name: str, *texts: str, parts: list[tuple[str, str]], **more: Any) -> Quirk:
    """A quirk of the text itself."""
    return Quirk(
        name,
        [*said(*texts), delta("stop"), "[DONE]"],
        [*words(*texts), *ended("end_turn")],
        parts,
        **more,
    )


def end(reason: Any) -> Quirk:
    return Quirk(
        f"the end is called {reason!r}",
        [*said("Hi ", "there"), delta(reason), "[DONE]"],
        [*words("Hi ", "there"), *ended(reason)],
        HI,
    )


def call(
    name: str, chat: list[Any], messages: list[Any], parts: list[tuple[str, str]] = TWO, **more: Any
) -> Quirk:
    return Quirk(
        name, [*chat, delta("tool_calls"), "[DONE]"], [*messages, *ended("tool_use")], parts, **more
    )


ENDS = [
    *map(end, ["end_turn", "eos", "stop_sequence", "STOP", "", None, "abrakadabra"]),
    Quirk(
        "no mark of the end after the reason",
        [*said("Hi there"), delta("stop")],
        [*words("Hi there"), ended("end_turn")[0]],
        HI,
    ),
    Quirk(
        "the reason alone, usage without choices",
        [
            *said("Hi there"),
            {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": None}},
            {"choices": [{"finish_reason": "stop"}]},
            {"choices": None},
            "[DONE]",
        ],
        [*words("Hi there"), {"type": "message_stop"}],
        HI,
    ),
    Quirk(
        "the connection breaks",
        said("Hi there"),
        words("Hi there"),
        HI,
        "failed",
        "The answer was cut off",
        closed=False,
    ),
    Quirk(
        "the stream is closed as it ought to be, without a mark",
        said("Hi there"),
        [*words("Hi there"), *ended("end_turn")],
        HI,
    ),
    Quirk(
        "the same with a whole call",
        [called(0, "x", "list_files", A)],
        [*use(0, "x", None, A), *ended("tool_use")],
        [("tool_call", "a"), ("text", "Ordinary.")],
    ),
    Quirk(
        "the stream ends without a mark in the midst of a call",
        [*said("Hi there"), called(0, "x", "list_files", A[:6])],
        words("Hi there"),
        status="failed",
        error="The answer was cut off",
    ),
    Quirk(
        "the stream ends without a mark where only the connection tells the end",
        said("Hi there"),
        words("Hi there"),
        HI,
        "failed",
        "The answer was cut off",
        framed=False,
    ),
    Quirk(
        "no stream though one was asked for",
        ['{"choices": [{"message": {"content": "Hi there"}, "finish_reason": "stop"}]}'],
        [
            '{"type": "message", "content": [{"type": "text", "text": "Hi there"}],'
            ' "stop_reason": "end_turn"}'
        ],
        HI,
        kind="application/json",
    ),
]

CALLS = [
    call(
        "the reason of an answer with calls is unknown",
        [called(0, "x", "list_files", A), delta("end_turn")],
        [*use(0, "x", None, A), *ended("eos")],
        [("tool_call", "a"), ("text", "Ordinary.")],
    ),
    call(
        "two calls both of number 0",
        [
            called(0, "x", "list_files", ""),
            called(0, None, None, A),
            called(0, "y", "list_files", ""),
            called(0, None, None, B),
        ],
        [*use(0, "x", None, A), *use(0, "y", None, B)],
    ),
    call(
        "two calls of number 0, their pieces told apart by id",
        [
            called(0, "x", "list_files", ""),
            called(0, "y", "list_files", ""),
            called(0, "x", None, A),
            called(0, "y", None, B),
        ],
        [*use(0, "x", None, A), *use(0, "y", None, B)],
    ),
    call(
        "two calls without numbers",
        [
            called(None, "x", "list_files", A[:5]),
            called(None, None, None, A[5:]),
            called(None, "y", "list_files", B),
        ],
        [*use(None, "x", None, A), *use(None, "y", None, B)],
    ),
    call(
        "two calls of one id",
        [called(0, "x", "list_files", A), called(1, "x", "list_files", B)],
        [*use(0, "x", None, A), *use(1, "x", None, B)],
    ),
    call(
        "two calls of one id and number",
        [called(0, "x", "list_files", A), called(0, "x", "list_files", B)],
        [*use(0, "x", A), *use(0, "x", B)],
    ),
    call(
        "calls without ids",
        [called(0, "", "list_files", A), called(0, None, "list_files", B)],
        [*use(0, "", None, A), *use(1, "", None, B)],
    ),
    call(
        "ids that the other format refuses",
        [
            called(0, "functions.list:0", "list_files", A),
            called(1, "functions.list:1", "list_files", B),
        ],
        [*use(0, "functions.list:0", None, A), *use(1, "functions.list:1", None, B)],
    ),
    call(
        "arguments as an object",
        [called(0, "x", "list_files", {"path": "a"}), called(1, "y", "list_files", {"path": "b"})],
        [*use(0, "x", {"path": "a"}), *use(1, "y", None, {"path": "b"})],
    ),
    call(
        "arguments at the beginning and again in pieces",
        [called(0, "x", "list_files", A), called(1, "y", "list_files", B)],
        [*use(0, "x", {"path": "a"}, A), *use(1, "y", {"path": "b"}, B)],
    ),
    call(
        "names in pieces and again",
        [
            called(0, "x", "list_", None),
            called(0, None, "files", None),
            called(0, None, None, A),
            called(1, "y", "list_files", B[:3]),
            called(1, "y", "list_files", B[3:]),
        ],
        [*use(0, "x", None, A[:3], A[3:]), *use(1, "y", None, B)],
    ),
    call(
        "arguments made text twice, in a fence, with a comma too many",
        [
            called(0, "x", "list_files", '"{\\"path\\": \\"a\\"}"'),
            called(1, "y", "list_files", '```json\n{"path": "b",}\n```'),
        ],
        [
            *use(0, "x", None, '"{\\"path\\": \\"a\\"}"'),
            *use(1, "y", None, '```json\n{"path": "b",}\n```'),
        ],
    ),
]

TEXTS = [
    both("thoughts between tags", "<think>hmm</think>Four.", parts=THOUGHT),
    both("tags in pieces", "<th", "ink>h", "mm</", "thin", "k>\n\nFour.", parts=THOUGHT),
    both("other tags", "<thinking>hmm</thinking>", "Four.", parts=THOUGHT),
    both("only the closing tag", "h", "mm</th", "ink>", "Four.", parts=THOUGHT),
    both(
        "thoughts in the midst",
        "Hi <think>hmm</think>there",
        parts=[("text", "Hi "), ("reasoning", "hmm"), ("text", "there")],
    ),
    both("tags in code are text", "Write `<think>` so", parts=[("text", "Write `<think>` so")]),
    both("halves of a character", "Hi \ud83d", "\ude00 there", parts=[("text", "Hi 😀 there")]),
    both("a lone half and NUL", "Hi \ud83d", "there\x00", parts=[("text", "Hi \ufffdthere\ufffd")]),
    both("white space around nothing", "\n", "\n ", "Hi there", parts=[("text", "\n\n Hi there")]),
    Quirk(
        "thoughts in a field of their own",
        [delta(reasoning_content="hmm"), *said("Four."), delta("stop"), "[DONE]"],
        [
            block(0, type="thinking", thinking=""),
            change(0, type="thinking_delta", thinking="hmm"),
            change(0, type="signature_delta", signature="c2ln"),
            {"type": "content_block_stop", "index": 0},
            block(1, type="text", text=""),
            change(1, type="text_delta", text="Four."),
            *ended("end_turn"),
        ],
        THOUGHT,
    ),
    Quirk(
        "the other field for thoughts",
        [delta(reasoning="hmm"), *said("Four."), delta("stop"), "[DONE]"],
        [block(0, type="thinking", thinking="hmm"), *words("Four."), *ended("end_turn")],
        THOUGHT,
    ),
]

LIMITS = [
    Quirk(
        "the output limit cuts a text",
        [*said("Hi there"), delta("length"), "[DONE]"],
        [*words("Hi there"), *ended("max_tokens")],
        [*HI, ("error", "The answer reached the model's output limit")],
        error="The answer reached the model's output limit",
    ),
    Quirk(
        "the output limit cuts a call",
        [called(0, "x", "list_files", A[:6]), delta("length"), "[DONE]"],
        [*use(0, "x", None, A[:6]), *ended("max_tokens")],
        [("tool_call", ""), ("text", "Ordinary.")],
    ),
    Quirk(
        "the output limit cuts each call",
        [called(0, "x", "list_files", A[:6]), delta("length"), "[DONE]"],
        [*use(0, "x", None, A[:6]), *ended("max_tokens")],
        status="failed",
        error="The answer reached the model's output limit",
        times=5,
    ),
    Quirk(
        "an empty answer",
        [delta("stop"), "[DONE]"],
        ended("end_turn"),
        [("error", "The model gave an empty answer")],
        "failed",
        "The model gave an empty answer",
        times=5,
    ),
    Quirk(
        "thoughts without an answer",
        [*said("<think>hmm</think>\n"), delta("stop"), "[DONE]"],
        [*words("<think>hmm</think>\n"), *ended("end_turn")],
        status="failed",
        error="The model only thought and gave no answer",
        times=5,
    ),
]

_BUSY = {
    "error": {"type": "overloaded_error", "message": "Too much of everything at sk-abcdef123456"}
}
WORDS_SAID = "Too much of everything"
FAILURES = [
    Quirk(
        "a failure in the stream",
        [*said("Hi there"), _BUSY],
        [*words("Hi there"), {"type": "error", **_BUSY}],
        status="failed",
        error=WORDS_SAID,
    ),
    Quirk(
        "a failure as a bare text",
        [{"error": WORDS_SAID}],
        [{"error": WORDS_SAID}],
        status="failed",
        error=WORDS_SAID,
    ),
    *(
        Quirk(
            f"a failure as an answer of {code}: {body[:20]}",
            [body],
            [body],
            status="failed",
            error=WORDS_SAID,
            kind="text/html" if body.startswith("<") else "application/json",
            code=code,
            times=9,
        )
        for code in (200, 400)
        for body in (
            '{"error": "Too much of everything"}',
            '{"detail": [{"msg": "Too much of everything"}]}',
            '{"message": "Too much of everything"}',
            "<html><body><h1>Too much</h1> of everything</body></html>",
        )
    ),
]

QUIRKS = [*ENDS, *CALLS, *TEXTS, *LIMITS, *FAILURES]
