"""A key of a provider, as a canary: it goes to its provider and stands nowhere else."""

from __future__ import annotations

import json
import logging

import pytest
from django.core import serializers
from django.db import connection
from django.test import Client

from chat.models import Provider
from chat.services.offered_models import model_providers
from tests.fixtures.models import KEY, make_model
from tests.fixtures.people import client_of
from vibe import redaction
from vibe.accounts.models import User

PAGES = ("/settings/models/", "/settings/", "/new/", "/c/{conversation}/")
API = (
    "/api/v1/providers", "/api/v1/models", "/api/v1/conversations/{conversation}",
    "/api/v1/quotas", "/api/v1/conversations",
)  # fmt: skip
ADMIN = (
    "/admin/", "/admin/chat/provider/", "/admin/chat/provider/{shared}/change/",
    "/admin/chat/provider/{shared}/history/", "/admin/chat/languagemodel/", "/admin/chat/turn/",
    "/admin/chat/conversation/{conversation}/change/",
)  # fmt: skip


@pytest.fixture
def loud(answering, owner, settings, monkeypatch):
    """A user's and everybody's provider, which tell their key back to whoever asks."""
    from chat.agent import model_factory

    monkeypatch.setattr(model_factory, "RETRIES", 0)
    settings.MODELS_PRIVATE = True
    told = {"error": {"message": f"key {KEY} is wrong", "headers": {"authorization": KEY}}}
    base = answering(json.dumps(told), status=401)
    return make_model(owner, base), make_model(None, base, "ours")


def test_no_page_answer_or_row_holds_the_key(loud, owner, say, conversation) -> None:
    own, ours = loud
    for model in loud:
        turn = say("Hello?", model=model.shown_id)
        assert turn.status == "failed" and "key … is wrong" in turn.error["detail"]
    browser, root = Client(), Client()
    browser.force_login(owner)
    root.force_login(User.objects.create_superuser("root"))
    names = {"conversation": conversation.pk, "shared": ours.provider_id}
    seen = [browser.get(path.format(**names)) for path in PAGES]
    seen += [client_of(owner).get(path.format(**names)) for path in API]
    seen += [root.get(path.format(**names)) for path in ADMIN]
    seen.append(browser.post(f"/settings/models/providers/{own.provider_id}/test/"))
    seen.append(browser.post(f"/settings/models/providers/{own.provider_id}/fetch/"))

    assert {one.status_code for one in seen} == {200, 503}
    assert not [one.request["PATH_INFO"] for one in seen if KEY in one.content.decode()]
    assert KEY not in _whole_database()


def test_no_log_line_holds_the_key(loud, owner, say, capfd) -> None:
    own, _ours = loud
    say("Hello?", model=own.shown_id)
    model_providers.test(own.provider, owner)
    formatter = redaction.RedactingFormatter("%(message)s")
    record = logging.LogRecord("x", logging.ERROR, "", 0, "it was %s", (KEY,), None)

    assert KEY not in formatter.format(record)
    out, err = capfd.readouterr()
    assert KEY not in out + err


def test_no_error_of_a_form_holds_the_key(owner) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(owner)
    form = {"preset": "other:openai-chat", "name": "x", "base_url": "nonsense", "key": KEY}

    assert KEY not in browser.post("/settings/models/providers/", form).content.decode()


def test_the_provider_and_its_endpoint_do_not_print_the_key(loud, owner) -> None:
    from chat.providers import endpoint_of

    own, _ours = loud
    endpoint = endpoint_of(own.shown_id, owner)

    assert endpoint.key == KEY
    assert KEY not in repr(endpoint) + repr(own.provider)
    assert KEY not in serializers.serialize("json", Provider.objects.all())


@pytest.mark.sandbox
def test_no_sandbox_sees_the_key(loud, llmock, owner, sandbox_worker, say, parts) -> None:
    llmock.tool_mode("off")
    model = make_model(owner, llmock.base_url("openai"), name="looking")
    llmock.call_tool("create_sandbox", {"name": "looking"})
    look = "env; cat /proc/self/environ /proc/1/environ; grep -r canary /vercel /tmp /etc; true"
    llmock.call_tool("run_command", {"command": "sh", "args": ["-c", look]})
    llmock.reply("Nothing there.")

    turn = say("Look for a key", model=model.shown_id)

    assert (turn.status, turn.error) == ("completed", None)
    ran = next(part for part in parts(turn) if part.tool == "run_command")
    assert "PATH=" in str(ran.result)
    assert KEY not in str([(part.arguments, part.result, part.text) for part in parts(turn)])


def _whole_database() -> str:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)
