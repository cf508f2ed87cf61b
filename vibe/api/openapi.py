"""The NinjaAPI with our habits: short operation ids, and the error shape in every operation."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI, Schema
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation

from vibe.api.errors import PROBLEM, Error
from vibe.api.streaming import SSE


def streamed(media_type: str, description: str, example: str) -> dict[str, Any]:
    """`openapi_extra` of an operation whose answer goes on."""
    # Of server-sent events a schema would speak of each event.
    schema = {} if media_type == SSE else {"type": "string"}
    content = {media_type: {"schema": schema, "example": example}}
    return {"responses": {200: {"description": description, "content": content}}}


class Api(NinjaAPI):
    """`root` is the address of its endpoints and `error` the shape of its errors, for the
    document."""

    error: type[Schema] = Error
    error_type = PROBLEM

    def __init__(self, *, root: str, **options: Any) -> None:
        super().__init__(**options)
        self.root = root

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        return self.root

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """The document; every operation also lists the error answer, which has one shape."""
        document = super().get_openapi_schema(**kwargs)
        schema = self.error.model_json_schema(ref_template=REF_TEMPLATE)
        components = document["components"]
        components["schemas"].update(schema.pop("$defs"))
        components["schemas"]["Error"] = schema
        reference = {"$ref": REF_TEMPLATE.format(model="Error")}
        failure = {
            "description": "What went wrong, why, and what to do",
            "content": {self.error_type: {"schema": reference}},
        }
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].setdefault("default", failure)
        return document
