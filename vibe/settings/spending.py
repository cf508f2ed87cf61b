"""What may be spent on models where no cap of the administration says otherwise."""

from __future__ import annotations

from vibe import env

CAP_CONVERSATION = env.dollars(
    "VIBE_CAP_CONVERSATION", help="Dollars that one conversation may spend; empty: no cap."
)
CAP_USER_DAY = env.dollars(
    "VIBE_CAP_USER_DAY", help="Dollars that one user may spend a day; empty: no cap."
)
CAP_USER_MONTH = env.dollars(
    "VIBE_CAP_USER_MONTH", help="Dollars that one user may spend a month; empty: no cap."
)
CAP_PLATFORM_DAY = env.dollars(
    "VIBE_CAP_PLATFORM_DAY", help="Dollars that all may spend a day together; empty: no cap."
)
CAP_PLATFORM_MONTH = env.dollars(
    "VIBE_CAP_PLATFORM_MONTH", help="Dollars that all may spend a month together; empty: no cap."
)
UNKNOWN_PRICE = env.dollars(
    "VIBE_UNKNOWN_PRICE",
    help="Dollars per million tokens that caps count for models without a known price.",
)
OUTPUT_TOKENS = env.integer(
    "VIBE_OUTPUT_TOKENS",
    32_000,
    help="Tokens that an answer may have where a cap has to hold.",
)
USAGE_DAYS = env.integer(
    "VIBE_USAGE_DAYS", 400, help="Days for which requests to models are kept; 0: for ever."
)
