"""The NinjaAPI with our habits: short operation ids, and the error shape in every operation."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation

from vibe.api.errors import PROBLEM, Error


def streamed(media_type: str, description: str, example: str) -> dict[str, Any]:
    """`openapi_extra` of an operation whose answer goes on."""
    content = {media_type: {"schema": {"type": "string"}, "example": example}}
    return {"responses": {200: {"description": description, "content": content}}}


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """The document; every operation also lists the error answer, which has one shape."""
        document = super().get_openapi_schema(**kwargs)
        schema = Error.model_json_schema(ref_template=REF_TEMPLATE)
        components = document["components"]
        components["schemas"].update(schema.pop("$defs"))
        components["schemas"]["Error"] = schema
        reference = {"$ref": REF_TEMPLATE.format(model="Error")}
        failure = {
            "description": "What went wrong, why, and what to do",
            "content": {PROBLEM: {"schema": reference}},
        }
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].setdefault("default", failure)
        return document
