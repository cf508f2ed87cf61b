"""Types of request fields that every database and every command line can hold."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Schema
from pydantic import AfterValidator, Field, model_validator

BIGGEST = 2**63 - 1
LONGEST_WAIT = 300.0


def storable(value: str) -> str:
    """Refuse what neither PostgreSQL nor an argument list can carry."""
    if "\x00" in value:
        raise ValueError("must not contain the character NUL")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("must be text that UTF-8 can carry; a lone surrogate is not") from None
    return value


class JsonObject(Schema):
    """A body. A list, or a word, would else pass for an object whose fields are all left out."""

    @model_validator(mode="before")
    @classmethod
    def is_an_object(cls, values: Any) -> Any:
        # Ninja hands it over in a wrapper of its own.
        if not isinstance(getattr(values, "_obj", values), (dict, Schema)):
            raise ValueError("must be a JSON object")
        return values


Text = Annotated[str, AfterValidator(storable)]
Port = Annotated[int, Field(ge=1, le=65535)]
Wait = Annotated[
    float,
    Field(
        strict=True,
        ge=0,
        le=LONGEST_WAIT,
        description="Seconds to wait for it before the answer; 0: none.",
    ),
]
Environment = dict[Text, Text]

# Ninja writes a parameter's default into its Query, so one alias must not serve two defaults;
# and it loses the default where a validator stands beside the Query, hence the pattern.
NO_NUL = r"^[^\x00]*$"
PLACE = "Within the workspace."
Limit = Annotated[int, Query(ge=1, le=200, description="Rows of the page.")]
Before = Annotated[str, Query(max_length=200, description="`next` of the page before; or nothing.")]
Path = Annotated[str, Query(max_length=4096, pattern=NO_NUL, description=PLACE)]
Directory = Annotated[str, Query(max_length=4096, pattern=NO_NUL, description=PLACE)]
Offset = Annotated[int, Query(ge=0, le=BIGGEST)]
