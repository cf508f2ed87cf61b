"""Errors of what people build: how many are kept, and what is done about them unasked."""

from __future__ import annotations

from vibe import env

PROBLEM_POLICY = env.text(
    "VIBE_PROBLEM_POLICY",
    "fix",
    help="What is done about errors where a conversation does not say: fix, ask or ignore; or by "
    "kind, as in command=fix,browser=ask.",
)
PROBLEM_JUDGE = env.text(
    "VIBE_PROBLEM_JUDGE",
    "",
    help="Id of a cheap model that judges errors of which rules cannot tell; empty: those are left "
    "to the person.",
)
PROBLEMS_PER_CONVERSATION = env.integer(
    "VIBE_PROBLEMS_PER_CONVERSATION", 200, help="Errors that are kept of one conversation."
)
PROBLEMS_PER_USER = env.integer(
    "VIBE_PROBLEMS_PER_USER", 5_000, help="Errors that are kept of one user."
)
PROBLEM_DAYS = env.integer(
    "VIBE_PROBLEM_DAYS", 90, help="Days for which errors and decisions on them are kept."
)
