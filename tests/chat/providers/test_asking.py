"""The test and the list of a provider, over real HTTP: in its words, within bounds, guarded."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chat.agent.wire import client as wire_client
from chat.providers import asking, guarded
from chat.providers.endpoint import Endpoint
from chat.services.offered_models import language_models, model_providers
from tests.fixtures.models import KEY, make_model, make_provider
from vibe.accounts.models import User
from vibe.refusal import Refusal
from vibe.shares.owner import of_user


@pytest.fixture(autouse=True)
def near(settings):
    settings.MODELS_PRIVATE = True


@pytest.mark.parametrize("wire", ["openai-chat", "openai-responses", "anthropic"])
def test_a_test_asks_for_one_word_and_tells_how_long_it_took(llmock, alice: User, wire) -> None:
    base = llmock.base_url("anthropic" if wire == "anthropic" else "openai")
    model = make_model(alice, base, wire=wire)

    tested = model_providers.test(model.provider, alice, model)

    assert (tested.ok, tested.title) == (True, "It works")
    assert tested.milliseconds >= 0
    assert llmock.last_request.model == "mock"


@pytest.mark.parametrize("wire", ["openai-chat", "anthropic", "google", "groq", "mistral"])
def test_a_failed_test_shows_the_providers_own_words_without_the_key(
    answering, alice: User, wire
) -> None:
    body = json.dumps({"error": {"message": f"Your key {KEY} is out of credit", "code": 402}})
    model = make_model(alice, answering(body, status=402), wire="openai-chat")
    model.provider.wire = wire

    tested = asking.test(_endpoint(model, wire), "someone")

    assert not tested.ok
    assert tested.title == "The provider refused the request (402)"
    assert tested.words == "Your key … is out of credit"


def test_a_web_page_is_told_as_such(answering, alice: User) -> None:
    model = make_model(alice, answering("<html><body>It works!</body></html>", kind="text/html"))

    tested = model_providers.test(model.provider, alice)

    assert (tested.ok, tested.words) == (False, "It works!")
    assert tested.title == "The server answered something else than this wire format"


def test_a_server_that_is_not_there_is_told(alice: User) -> None:
    model = make_model(alice, "http://127.0.0.1:9/v1")

    tested = model_providers.test(model.provider, alice)

    assert tested.title == "The server cannot be reached"
    assert "Nothing answers at its address" in tested.words


def test_a_server_that_drips_is_given_up_in_time(alice: User, monkeypatch) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.5)
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        peer, _ = listener.accept()
        with peer:
            while not ended.wait(0.05):
                try:
                    peer.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        model = make_model(alice, f"http://127.0.0.1:{listener.getsockname()[1]}/v1")
        tested = model_providers.test(model.provider, alice)
    finally:
        ended.set()
        thread.join()
        listener.close()

    assert not tested.ok


def test_an_answer_without_end_is_not_read(answering, alice: User, monkeypatch) -> None:
    monkeypatch.setattr(asking, "BODY_LIMIT", 1000)
    model = make_model(alice, answering("x" * 5000))

    assert not model_providers.test(model.provider, alice).ok


def test_more_than_ones_share_of_tests_is_refused(alice: User, monkeypatch) -> None:
    monkeypatch.setattr(asking.SHARES, "patience", 0.05)
    model = make_model(alice, "http://127.0.0.1:9/v1")
    held = [asking.SHARES.take_now(of_user(alice.pk)) for _ in range(asking.SHARES.each)]
    try:
        with pytest.raises(Refusal) as refused:
            model_providers.test(model.provider, alice)
    finally:
        for release in held:
            release()

    assert refused.value.code == "limit"


def test_the_list_of_models_is_fetched_and_what_is_there_stays(answering, alice: User) -> None:
    body = {
        "data": [
            {"id": "llama", "context_window": 8192},
            {"id": "qwen", "display_name": "Qwen 3"},
            {"id": "a name with spaces"},
            {"id": 7},
            "nonsense",
        ]
    }
    provider = make_provider(alice, answering(json.dumps(body)))
    language_models.add(provider, "llama", label="My llama")

    assert language_models.fetch(provider, alice) == (1, 2)

    found = {row.name: row for row in provider.models.all()}
    assert found.keys() == {"llama", "qwen"}
    assert (found["llama"].label, found["qwen"].label) == ("My llama", "Qwen 3")
    assert answering.asked == [("/v1/models", f"Bearer {KEY}")]


def test_of_a_long_list_one_enables_what_one_wants(answering, alice: User) -> None:
    body = {"data": [{"id": f"model-{n}"} for n in range(600)]}
    provider = make_provider(None, answering(json.dumps(body)))

    new, of_all = language_models.fetch(provider, alice)

    assert (new, of_all) == (500, 500)
    assert not provider.models.filter(enabled=True).exists()


@pytest.mark.parametrize(("body", "status"), [("<html>", 200), ("{}", 200), ("no", 500)])
def test_a_server_that_lists_nothing_is_told(answering, alice: User, body, status) -> None:
    provider = make_provider(alice, answering(body, status=status))

    with pytest.raises(Refusal) as refused:
        language_models.fetch(provider, alice)

    assert refused.value.code == "unavailable"


def test_a_name_that_leads_to_this_machine_is_not_connected_to(
    answering, alice: User, settings, monkeypatch
) -> None:
    """As a name that its owner points elsewhere after it was entered."""
    settings.MODELS_PRIVATE = False
    _resolves_to(monkeypatch, "127.0.0.1")
    port = answering("{}").rpartition(":")[2]
    model = make_model(alice, f"http://models.example.com:{port}")

    tested = model_providers.test(model.provider, alice)

    assert "an address of this machine" in tested.words
    assert answering.asked == []


def test_a_turn_does_not_connect_to_a_name_that_leads_inside(
    answering, owner, say, settings, monkeypatch
) -> None:
    from chat.agent import model_factory

    monkeypatch.setattr(model_factory, "RETRIES", 0)
    settings.MODELS_PRIVATE = False
    _resolves_to(monkeypatch, "169.254.169.254")
    model = make_model(owner, f"http://models.example.com:{answering('{}').rpartition(':')[2]}")

    turn = say("Hello?", model=model.shown_id)

    assert turn.error["title"] == "The model's server may not be reached"
    assert "a metadata service" in turn.error["detail"]
    assert answering.asked == []


def test_no_redirect_is_followed(answering, owner, say, monkeypatch) -> None:
    from chat.agent import model_factory

    monkeypatch.setattr(model_factory, "RETRIES", 0)
    aim = answering("{}")
    with _redirecting(f"{aim}/secrets") as base:
        model = make_model(owner, base)
        tested = model_providers.test(model.provider, owner)
        turn = say("Hello?", model=model.shown_id)

    assert not tested.ok
    assert turn.status == "failed"
    assert answering.asked == []


def test_the_client_of_a_users_address_asks_no_proxy(monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    made = wire_client.client(guarded=True)

    assert isinstance(made._transport, guarded.GuardedTransport)
    assert made._mounts == {}


@contextmanager
def _redirecting(to: str):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(307)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *args: object) -> None:
            """Nothing to tell."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _resolves_to(monkeypatch, address: str) -> None:
    import asyncio

    async def found(self, host, port, **more):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", found)


def _endpoint(model, wire: str) -> Endpoint:
    provider = model.provider
    return Endpoint(wire, model.name, provider.base_url, KEY, provider.name)
