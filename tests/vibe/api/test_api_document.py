from __future__ import annotations

from django.test import Client

CONTRACT = {
    "/api/v1/sandboxes": {"get", "post"},
    "/api/v1/sandboxes/{sandbox_id}": {"get", "patch", "delete"},
    "/api/v1/sandboxes/{sandbox_id}/stop": {"post"},
    "/api/v1/sandboxes/{sandbox_id}/resume": {"post"},
    "/api/v1/sandboxes/{sandbox_id}/extend": {"post"},
    "/api/v1/sandboxes/{sandbox_id}/commands": {"get", "post"},
    "/api/v1/sandboxes/{sandbox_id}/files": {"get", "put", "delete"},
    "/api/v1/sandboxes/{sandbox_id}/files/content": {"get", "put"},
    "/api/v1/sandboxes/{sandbox_id}/ports": {"get"},
    "/api/v1/sandboxes/{sandbox_id}/ports/{port}": {"patch"},
    "/api/v1/sandboxes/{sandbox_id}/usage": {"get"},
    "/api/v1/commands/{command_id}": {"get"},
    "/api/v1/commands/{command_id}/stop": {"post"},
    "/api/v1/commands/{command_id}/logs": {"get"},
    "/api/v1/conversations": {"get", "post"},
    "/api/v1/conversations/{conversation_id}": {"get", "patch", "delete"},
    "/api/v1/conversations/{conversation_id}/turns": {"post"},
    "/api/v1/turns/{turn_id}": {"get"},
    "/api/v1/turns/{turn_id}/events": {"get"},
    "/api/v1/turns/{turn_id}/stop": {"post"},
    "/api/v1/turns/{turn_id}/retry": {"post"},
    "/api/v1/models": {"get"},
}


def test_every_promised_endpoint_is_in_the_document(db: None) -> None:
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    found = {path: set(operations) for path, operations in paths.items()}
    for path, methods in CONTRACT.items():
        assert methods <= found.get(path, set()), path


def test_operation_ids_are_unique(db: None) -> None:
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    ids = [operation["operationId"] for item in paths.values() for operation in item.values()]
    assert len(ids) == len(set(ids))


def test_every_reference_in_the_document_leads_somewhere(db: None) -> None:
    document = Client().get("/api/v1/openapi.json").json()
    schemas = document["components"]["schemas"]

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        if isinstance(node, list):
            return [found for value in node for found in references(value)]
        return []

    found = set(references(document))
    assert "#/components/schemas/Error" in found
    assert {name.rpartition("/")[2] for name in found} <= set(schemas)


def test_every_operation_but_none_asks_for_a_key_or_session(db: None) -> None:
    document = Client().get("/api/v1/openapi.json").json()
    ways = [{"ApiKeyBearer": []}, {"BrowserSession": []}]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation["security"] == ways, (method, path)


def test_the_docs_page_loads_nothing_from_elsewhere_and_nothing_inline(db: None) -> None:
    response = Client().get("/api/docs")
    assert response.status_code == 200
    page = response.content.decode()
    assert "//cdn" not in page and "https://" not in page
    assert page.count("<script") == 4
    assert page.count("nonce=") == 3


def test_the_vercel_documents_tell_what_each_answer_holds(db: None) -> None:
    for root in ("/vercel/v2", "/vercel/v1"):
        document = Client().get(f"{root}/openapi.json").json()
        ids = [one["operationId"] for item in document["paths"].values() for one in item.values()]
        assert len(ids) == len(set(ids))
        assert {"Session", "Command", "Error"} <= set(document["components"]["schemas"])
        for path, item in document["paths"].items():
            for method, operation in item.items():
                assert path.startswith(f"{root}/"), path
                answers = operation["responses"]
                assert "application/json" in answers["default"]["content"], (method, path)
