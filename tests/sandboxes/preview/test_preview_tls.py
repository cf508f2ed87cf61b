"""A port that speaks TLS is spoken to in TLS; one that does not never hears any."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandboxes.engine import ExecSpec
from sandboxes.models import Sandbox
from tests.fixtures.waiting import until
from tests.sandboxes.preview.conftest import Started
from tests.sandboxes.preview.dialling import dial

pytestmark = pytest.mark.sandbox
CLOSES, REFUSES, SOCKETS, PLAIN = 3443, 3444, 3445, 3446
APP = Path(__file__).with_name("encrypted_app.py")


def certificate() -> tuple[bytes, bytes]:
    """A certificate that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    began = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(began)
        .not_valid_after(began + datetime.timedelta(days=1))  # and long expired
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    return cert.public_bytes(pem), key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)


@pytest.fixture(scope="module", autouse=True)
def _encrypted(served: Started) -> Iterator[None]:
    agent = served.engine.agent(served.handle)
    cert, key = certificate()
    agent.write_files(
        [
            ("encrypted_app.py", APP.read_bytes(), None),
            ("cert.pem", cert, None),
            ("key.pem", key, None),
        ]
    )
    ports = [CLOSES, REFUSES, SOCKETS, PLAIN]
    argv = ["python3", "encrypted_app.py", *map(str, ports)]
    with agent.exec(ExecSpec(command=f"cmd{secrets.token_hex(6)}", argv=argv)):
        until(lambda: set(ports) <= set(agent.ports()))
        yield


@pytest.mark.parametrize("port", [CLOSES, REFUSES])
def test_a_port_that_speaks_tls_shows_its_page(web, sandbox: Sandbox, port: int) -> None:
    for _ in range(3):
        said = web.said(web.host(sandbox, port))

        assert said["secure"]
        assert said["headers"]["host"] == f"localhost:{port}"
        assert said["headers"]["x-forwarded-host"] == web.host(sandbox, port)


@pytest.mark.parametrize("size", [10, 200_000])
def test_the_first_request_may_have_a_body(web, sandbox: Sandbox, size: int) -> None:
    assert web.said(web.host(sandbox, CLOSES), method="POST", body=bytes(size))["length"] == size


def test_a_first_body_that_is_too_large_to_be_sent_twice_is_asked_for_again(
    web, sandbox: Sandbox
) -> None:
    host, body = web.host(sandbox, REFUSES), bytes(2_000_000)

    answer = web.ask(
        host, "/slow", method="POST", body=body, headers={"Accept": "application/json"}
    )
    error = json.loads(answer.read())["error"]

    assert answer.status == 503
    assert "speaks TLS" in error["message"]
    assert web.said(host, method="POST", body=body)["length"] == len(body)


async def test_sockets_to_a_port_that_speaks_tls_open(web, sandbox: Sandbox) -> None:
    host = web.host(sandbox, SOCKETS)
    async with dial(web, host, max_size=None) as socket:
        headers = {n.lower(): v for n, v in json.loads(await socket.recv()).items()}
        message = os.urandom(3_000_000)
        await socket.send(message)

        assert await socket.recv() == message
    assert headers["origin"] == f"https://localhost:{SOCKETS}"


def test_a_plain_server_never_hears_tls(web, sandbox: Sandbox) -> None:
    host = web.host(sandbox, PLAIN)

    assert web.ask(host, "/refused").status == 400
    assert web.ask(host, "/crash").status == 502
    assert web.ask(host, "/page").read() == b"plain"
    noted = json.loads(web.ask(host, "/noted").read())

    assert all(line.startswith("GET /") for line in noted), noted


def test_requests_side_by_side_to_a_port_not_yet_known(web, sandbox: Sandbox) -> None:
    async def all_of_them() -> list[dict]:
        ask = asyncio.to_thread
        return await asyncio.gather(
            *(ask(web.said, web.host(sandbox, CLOSES), f"/{n}") for n in range(20))
        )

    assert all(said["secure"] for said in asyncio.run(all_of_them()))
