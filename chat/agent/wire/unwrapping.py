"""Arguments of a tool call that are right but wrapped, as the tool's schema wants them."""

from __future__ import annotations

import json
import re
from typing import Any

from chat.services.storable import storable

_FENCE = re.compile(r"\A\s*```[\w-]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(\s*[}\]])', re.DOTALL)
Schema = dict[str, Any]


def arguments(given: Any, schema: Schema) -> dict[str, Any] | None:
    """The arguments as an object whose values fit the schema where that is unambiguous; None when
    they are no object at all.
    """
    if given is None or (isinstance(given, str) and not given.strip()):
        given = {}
    # Once for the arguments, again for those that were made text twice.
    for _ in range(3):
        if isinstance(given, str):
            given = parsed(given)
    if not isinstance(given, dict):
        return None
    fitted = _fitted(storable(given), schema, schema.get("$defs") or {})
    return fitted if isinstance(fitted, dict) else None


def parsed(text: str) -> Any:
    """JSON, also in a code fence or with commas before a closing bracket; None for what is none."""
    fenced = _FENCE.match(text)
    text = fenced.group(1) if fenced else text
    for attempt in (text, _COMMA.sub(lambda found: found.group(1) or found.group(2), text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def example(schema: Schema) -> dict[str, Any]:
    """Arguments of the right form, for a model that gave others."""
    defs = schema.get("$defs") or {}
    properties = schema.get("properties") or {}
    wanted = schema.get("required") or list(properties)
    return {name: _sample(properties.get(name) or {}, defs) for name in wanted}


def _fitted(value: Any, schema: Schema, defs: Schema) -> Any:
    for option in _options(schema, defs):
        fitted = _fit(value, option, defs)
        if _is_of(fitted, option):
            return fitted
    return value


def _fit(value: Any, schema: Schema, defs: Schema) -> Any:
    match schema.get("type"):
        case "object":
            if isinstance(value, str):
                value = parsed(value)
            if not isinstance(value, dict):
                return value
            known, others = schema.get("properties") or {}, schema.get("additionalProperties")
            others = others if isinstance(others, dict) else {}
            return {key: _fitted(item, known.get(key, others), defs) for key, item in value.items()}
        case "array":
            return _listed(value, schema.get("items") or {}, defs)
        case "string":
            if isinstance(value, bool):
                return "true" if value else "false"
            return str(value) if isinstance(value, int | float) else value
        case "integer" if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,18}\s*", value):
            return int(value)
        case "boolean" if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true"
    return value


def _listed(value: Any, items: Schema, defs: Schema) -> Any:
    if isinstance(value, str):
        found = parsed(value)
        if isinstance(found, list | dict):
            value = found
    if isinstance(value, dict):
        keys = list(value)
        numbered = keys and sorted(keys) in (
            sorted(str(number) for number in range(start, start + len(keys))) for start in (0, 1)
        )
        if numbered:
            value = [value[key] for key in sorted(keys, key=int)]
    if not isinstance(value, list):
        one = _fitted(value, items, defs)
        fits = any(_is_of(one, option) for option in _options(items, defs))
        # A line of words may be one argument or several: the model has to say.
        if not fits or isinstance(one, str):
            return value
        return [one]
    return [_fitted(item, items, defs) for item in value]


def _options(schema: Schema, defs: Schema) -> list[Schema]:
    """The schemas of which a value has to fit one."""
    if "$ref" in schema:
        return _options(defs.get(str(schema["$ref"]).rpartition("/")[2]) or {}, defs)
    if "anyOf" in schema:
        return [option for each in schema["anyOf"] for option in _options(each, defs)]
    return [schema]


def _is_of(value: Any, schema: Schema) -> bool:
    match schema.get("type"):
        case "object":
            required = schema.get("required") or []
            return isinstance(value, dict) and all(name in value for name in required)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case _:
            return True


def _sample(schema: Schema, defs: Schema) -> Any:
    schema = next(iter(_options(schema, defs)), {})
    match schema.get("type"):
        case "object":
            return example({**schema, "$defs": defs}) or {"NAME": "value"}
        case "array":
            return [_sample(schema.get("items") or {}, defs)]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case _:
            return "…"
