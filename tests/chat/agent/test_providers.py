"""Which models are offered, and what is said of those that cannot be used."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chat.agent import providers
from chat.agent.providers import listing


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    listing.forget()
    yield
    listing.forget()


@pytest.fixture
def answering() -> Iterator:
    """Starts a server that answers every request with one body; returns its address."""
    servers = []

    def start(body: str, *, kind: str = "application/json", status: int = 200) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                data = body.encode()
                # Before the answer: the test looks as soon as it has it.
                server.asked.append((self.path, self.headers.get("Authorization")))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET

            def log_message(self, *args: object) -> None:
                """Nothing to tell."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        start.asked = server.asked
        return f"http://127.0.0.1:{server.server_address[1]}/v1"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_without_any_key_the_demo_model_is_the_only_and_default_one():
    assert [choice.id for choice in providers.models()] == ["demo"]
    assert providers.default_model_id() == "demo"


@pytest.mark.parametrize(
    ("setting", "default"),
    [
        ("OPENAI_API_KEY", "openai:gpt-6.1-sol"),
        ("ANTHROPIC_API_KEY", "anthropic:claude-sonnet-5-5"),
    ],
)
def test_with_a_key_its_provider_is_the_default(settings, setting, default):
    setattr(settings, setting, "sk-secret")

    assert providers.default_model_id() == default
    assert "secret" not in str(providers.configured()) + str(providers.models())


def test_the_offered_models_can_be_set(settings):
    settings.ANTHROPIC_API_KEY = "k"
    settings.ANTHROPIC_MODELS = ["claude-one", "claude-two"]

    ids = [choice.id for choice in providers.models()]

    assert ids == ["anthropic:claude-one", "anthropic:claude-two", "demo"]


def test_the_default_model_can_be_set(settings):
    settings.DEFAULT_MODEL = "anthropic:claude-nine"

    assert providers.default_model_id() == "anthropic:claude-nine"


def test_a_compatible_server_is_asked_for_its_models_once(settings, answering):
    settings.OPENAI_BASE_URL = answering(json.dumps({"data": [{"id": "llama"}, {"id": "qwen"}]}))
    settings.OPENAI_API_KEY = "sk-local"

    first = [choice.id for choice in providers.models()]
    second = [choice.id for choice in providers.models()]

    assert first == second == ["custom:llama", "custom:qwen", "demo"]
    assert answering.asked == [("/v1/models", "Bearer sk-local")]


@pytest.mark.parametrize("body", ["<html>", "[]", '{"data": 3}', '{"data": [3, {"id": 4}]}', ""])
def test_a_server_that_lists_nonsense_is_told_and_the_demo_model_stays(settings, answering, body):
    settings.OPENAI_BASE_URL = answering(body)

    silent, demo = providers.models()

    assert not silent.available
    assert "VIBE_OPENAI_MODELS" in silent.reason
    assert providers.default_model_id() == demo.id == "demo"


def test_the_password_in_a_servers_address_is_not_shown(settings):
    settings.OPENAI_BASE_URL = "http://user:pass@127.0.0.1:9/v1"

    assert "pass" not in str(providers.models()) + str(providers.configured())


def test_listing_models_does_not_load_the_agent_library():
    code = (
        "import django, os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'vibe.settings'; "
        "django.setup(); from chat.agent import providers; "
        "import chat.services.turns; "
        "providers.models(); providers.configured(); providers.default_model_id(); "
        "print([m for m in ('pydantic_ai', 'openai', 'anthropic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("model", ["", "openai:", "nope", "nope:model", "Demo"])
def test_an_unknown_model_id_asks_to_choose_another(model):
    with pytest.raises(providers.ProviderError) as refused:
        providers.build(model)

    assert refused.value.action == "choose_model"


@pytest.mark.parametrize("model", ["custom:mock", "anthropic:mock"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html><body>It works!</body></html>", "text/html"),
        ("", "text/event-stream"),
        ("data: {not json\n\n", "text/event-stream"),
        ('data: {"choices": 7}\n\n', "text/event-stream"),
        ("\x00\xff garbage", "application/octet-stream"),
    ],
)
def test_garbage_of_a_server_fails_the_turn_in_words(
    settings, answering, say, parts, model, body, kind
):
    settings.OPENAI_BASE_URL = settings.ANTHROPIC_BASE_URL = answering(body, kind=kind)
    settings.ANTHROPIC_API_KEY = "sk-ant-secret"

    turn = say("Hello?", model=model)

    assert turn.status == "failed"
    assert turn.error["title"] in (
        "The provider sent something that makes no sense",
        "The answer was cut off",
    )
    assert turn.error["action"] == "retry"
    assert "Traceback" not in turn.error["detail"]


@pytest.mark.parametrize("model", ["custom:mock", "anthropic:mock"])
def test_a_name_that_does_not_resolve_is_told(settings, monkeypatch, say, model):
    from chat.agent.providers import building

    monkeypatch.setattr(building, "RETRIES", 0)
    settings.OPENAI_BASE_URL = settings.ANTHROPIC_BASE_URL = "http://nowhere.invalid/v1"
    settings.ANTHROPIC_API_KEY = "sk-ant-secret"

    turn = say("Hello?", model=model)

    assert turn.error["title"] == "The model's server cannot be reached"
    assert "name cannot be resolved" in turn.error["detail"]


@pytest.mark.parametrize("model", ["custom:mock", "anthropic:mock"])
def test_a_server_that_stays_silent_is_given_up(llmock, settings, monkeypatch, say, model):
    from chat.agent.providers import building

    monkeypatch.setattr(building, "RETRIES", 0)
    monkeypatch.setattr(building, "SILENCE", 0.5)
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    settings.ANTHROPIC_BASE_URL = llmock.base_url("anthropic")
    settings.ANTHROPIC_API_KEY = "sk-ant-secret"
    llmock.delay(3, times=None)

    turn = say("Hello?", model=model)

    assert turn.error["title"] == "The model did not answer in time"


def test_a_providers_own_sentence_is_passed_on_without_the_key(llmock, settings, say):
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    settings.OPENAI_API_KEY = "my-very-own-key"
    llmock.fail(422, message="Bad: my-very-own-key and sk-abcdefgh12345 are odd", times=None)

    turn = say("Hello?", model="custom:mock")

    assert turn.error["title"] == "The provider refused the request"
    assert "Bad: … and … are odd" in turn.error["detail"]
