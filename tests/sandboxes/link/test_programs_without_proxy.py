"""Real programs that look at no proxy variable, each in its own way: the table of docs/network.md.

What stands for their servers says one word of their protocol, in which they show it to the user.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.fixtures.waiting import until_async
from tests.sandboxes.egress.town import mirror
from tests.sandboxes.link.street import Street

POSTGRES_ERROR = b"SFATAL\0C28000\0Mthe town says no\0\0"


async def ssh_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-town\r\n")
    await reader.readline()
    writer.close()


async def postgres(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    length = int.from_bytes(await reader.readexactly(4))
    await reader.readexactly(length - 4)
    writer.write(b"N")  # it has no TLS
    length = int.from_bytes(await reader.readexactly(4))
    await reader.readexactly(length - 4)
    writer.write(b"E" + (len(POSTGRES_ERROR) + 4).to_bytes(4) + POSTGRES_ERROR)
    writer.close()


async def redis(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(b"+the town says PONG\r\n")
    await writer.drain()
    await reader.read()
    writer.close()


NODE = """
const done = (value) => { console.log(value); process.exit(0); };
const failed = (error) => done(String(error.cause || error));
const [how, host, port] = process.argv.slice(1);
const ways = {
  fetch: () => fetch(`https://${host}:${port}/`).then((r) => r.text()).then(done, failed),
  https: () => require("https").get(`https://${host}:${port}/`, (answer) => {
    answer.on("data", (data) => done(String(data)));
  }).on("error", failed),
  lookup: () => require("dns").lookup(host, (error, address) => done(error || address)),
  resolve: () => require("dns").resolve4(host, (error, found) => done(error || found[0])),
};
ways[how]();
"""
JAVA = """
import java.net.*;
public class Main {
    public static void main(String[] words) throws Exception {
        var opened = new URL("http://" + words[0] + ":" + words[1] + "/").openConnection();
        System.out.println(new String(opened.getInputStream().readAllBytes()));
    }
}
"""
GO = """
package main

import ("fmt"; "io"; "net/http"; "os")

func main() {
    answer, err := http.Get(os.Args[1])
    if err != nil { fmt.Println(err); return }
    body, _ := io.ReadAll(answer.Body)
    fmt.Println(string(body))
}
"""
PYTHON = """
import ssl, sys, urllib.request
trust = ssl.create_default_context(cafile="trusted.pem")
print(urllib.request.urlopen(sys.argv[1], context=trust).read().decode())
"""
TRUST = {
    "NODE_EXTRA_CA_CERTS": "trusted.pem",
    "GIT_SSL_CAINFO": "/vercel/sandbox/trusted.pem",
    # Of Go; which also resolves names by itself, and not by the C library.
    "SSL_CERT_FILE": "/vercel/sandbox/trusted.pem",
    "GODEBUG": "netdns=go",
}


async def run(street: Street, *argv: str) -> str:
    found, _ = await street.run("sh", "-c", f"command -v {argv[0]}")
    if found:
        pytest.skip(f"sandboxes have no {argv[0]} on this machine")
    _, said = await street.run(*argv, env=TRUST, timeout=60)
    return said


@pytest.mark.parametrize("how", ["fetch", "https"])
async def test_node_speaks_https(street: Street, how: str):
    port = await street.town.site("api.test", mirror, tls=True)
    await street.open()
    assert "GET / HTTP/1.1" in await run(street, "node", "-e", NODE, how, "api.test", str(port))


@pytest.mark.parametrize("how", ["lookup", "resolve"])
async def test_node_resolves_names(street: Street, how: str):
    port = await street.town.site("api.test", mirror)
    await street.open()
    said = await run(street, "node", "-e", NODE, how, "api.test", str(port))
    assert said.startswith(("198.18.", "198.19."))


async def test_python_speaks_https(street: Street):
    port = await street.town.site("api.test", mirror, tls=True)
    await street.open()
    said = await run(street, "python3", "-c", PYTHON, f"https://api.test:{port}/")
    assert "GET / HTTP/1.1" in said


async def test_curl_without_its_proxy_speaks_https(street: Street):
    port = await street.town.site("api.test", mirror, tls=True)
    await street.open()
    words = ("curl", "-sS", "--noproxy", "*", "--cacert", "trusted.pem")
    assert "GET / HTTP/1.1" in await run(street, *words, f"https://api.test:{port}/")


async def test_java_speaks_http(street: Street):
    port = await street.town.site("api.test", mirror)
    await street.open()
    (street.box.workspace / "Main.java").write_text(JAVA)
    said = await run(street, "java", "-Xmx256m", "Main.java", "api.test", str(port))
    assert "GET / HTTP/1.1" in said


async def test_go_speaks_https(street: Street):
    port = await street.town.site("api.test", mirror, tls=True)
    await street.open()
    (street.box.workspace / "main.go").write_text(GO)
    said = await run(street, "go", "run", "main.go", f"https://api.test:{port}/")
    assert "GET / HTTP/1.1" in said


async def test_ssh_reaches_its_server(street: Street):
    port = await street.town.site("git.test", ssh_server)
    await street.open()
    said = await run(street, "ssh", "-v", "-p", str(port), "git@git.test")
    assert "remote software version town" in said


async def test_git_reaches_its_server_by_ssh(street: Street):
    port = await street.town.site("git.test", ssh_server)
    await street.open()
    words = ("git", "-c", "core.sshCommand=ssh -v", "ls-remote")
    said = await run(street, *words, f"ssh://git@git.test:{port}/repository")
    assert "remote software version town" in said


async def test_psql_reaches_its_server(street: Street):
    port = await street.town.site("db.test", postgres)
    await street.open()
    said = await run(street, "psql", f"postgresql://somebody@db.test:{port}/app", "-c", "select 1")
    assert "the town says no" in said


async def test_redis_cli_reaches_its_server(street: Street):
    port = await street.town.site("cache.test", redis)
    await street.open()
    said = await run(street, "redis-cli", "-h", "cache.test", "-p", str(port), "ping")
    assert "the town says PONG" in said


async def test_redis_cli_shows_why_it_is_refused(street: Street):
    await street.open()
    said = await run(street, "redis-cli", "-h", "cache.test", "ping")
    assert "cache.test:6379 is not allowed by the network policy" in said


async def test_who_looks_a_name_up_before_asking_the_proxy_means_the_name(street: Street):
    port = await street.town.site("api.test", mirror, tls=True)
    await street.open()
    script = """
address=$(getent ahostsv4 api.test | head -n 1 | cut -d " " -f 1)
exec curl -sS -x http://127.0.0.1:3128 --cacert trusted.pem --connect-to "::$address:" "$1"
"""
    said = await run(street, "sh", "-c", script, "sh", f"https://api.test:{port}/")
    assert "GET / HTTP/1.1" in said


@pytest.mark.parametrize(
    "argv",
    [
        ("ssh", "-o", "StrictHostKeyChecking=no", "git@host.test"),
        ("git", "ls-remote", "ssh://git@host.test/repository"),
        ("psql", "postgresql://somebody@host.test/app", "-c", "select 1"),
    ],
)
async def test_a_program_shows_why_it_is_refused(street: Street, argv: tuple[str, ...]):
    await street.open()
    assert "is not allowed by the network policy" in await run(street, *argv)


async def test_who_knows_the_proxy_and_who_does_not_get_the_same_decisions(street: Street):
    """An allowed host, one that is not, and a neighbour of the allowed one."""
    port = await street.town.site("api.test", mirror, tls=True)
    addresses = (f"https://api.test:{port}/", "https://elsewhere.test/", f"https://b.test:{port}/")
    for way in (["-x", "http://127.0.0.1:3128"], ["--noproxy", "*"]):
        await street.open()
        for address in addresses:
            await run(street, "curl", "-sS", *way, "--cacert", "trusted.pem", address)
        expected = [
            ("api.test", port, True, "test"),
            ("elsewhere.test", 443, False, "not in the policy"),
            ("b.test", port, False, "not in the policy"),
        ]
        await until_async(lambda expected=expected: len(street.town.decisions) >= len(expected))
        assert street.town.decisions == expected
        await street.town.gateway.drop("box")
        street.town.decisions.clear()
