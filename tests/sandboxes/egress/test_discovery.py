"""Registries are found where this machine's package managers say, and no secret leaves."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sandboxes.engine.egress.discovery import apt, everything, links, npm, pip
from sandboxes.engine.egress.discovery.places import Place, place_of
from sandboxes.engine.egress.login import Login
from sandboxes.engine.egress.registries import Registry

PIP = """:env:.index-url='https://me:s%40crt@mirror.example/simple'
global.index-url='https://other.example/simple'
global.extra-index-url='http://10.0.0.5:8080/simple file:///opt/simple'
global.find-links='/opt/wheels https://wheels.example/'
global.trusted-host='10.0.0.5'
"""


@pytest.mark.parametrize(
    ("url", "pattern", "clean"),
    [
        ("https://mirror.example/simple/", "mirror.example", "https://mirror.example/simple/"),
        ("https://Mirror.Example:443/", "mirror.example", "https://mirror.example:443/"),
        ("http://10.0.0.5:8080/s", "10.0.0.5:8080", "http://10.0.0.5:8080/s"),
        ("https://u:p@mirror.example/s", "mirror.example", "https://mirror.example/s"),
    ],
)
def test_an_address_is_taken_apart(url, pattern, clean):
    place = place_of(url)
    assert place is not None
    assert (place.pattern, place.url) == (pattern, clean)


@pytest.mark.parametrize("url", ["file:///opt/simple", "/opt/wheels", "", "ftp://x.example/"])
def test_a_directory_is_no_host(url):
    assert place_of(url) is None


def test_pip_looks_where_its_environment_says_first():
    found = pip.understood(PIP, "https://default.example/simple", {})
    assert found.index is not None
    assert found.index.url == "https://mirror.example/simple"
    login = found.index.login
    assert login is not None and login.authorization == "Basic bWU6c0BjcnQ="
    assert (login.scheme, login.host, login.port, login.path) == (
        "https",
        "mirror.example",
        443,
        "/",
    )
    assert not found.usual
    assert {place.pattern for place in found.others} == {"10.0.0.5:8080", "wheels.example"}
    assert found.trusted_hosts == ("10.0.0.5",)


def test_without_a_setting_it_is_pips_own_default():
    found = pip.understood("", "https://default.example/simple", {})
    assert found.index is not None and found.index.pattern == "default.example"
    assert found.usual


def test_uvs_indexes_count_too():
    environment = {"UV_INDEX": "corp=https://uv.example/simple"}
    found = pip.understood("", "https://default.example/simple", environment)
    assert [place.pattern for place in found.others] == ["uv.example"]


def test_npm_has_a_registry_scopes_and_tokens_in_a_file():
    values = {"registry": "https://npm.example/", "@corp:registry": "https://corp.example/npm/"}
    secrets = "//corp.example/npm/:_authToken=${TOKEN}\n//npm.example/:_auth=Zm9vOmJhcg==\n"
    found = npm.understood(values, "https://default.example/", [secrets])
    assert found.registry is not None and not found.usual
    assert found.registry.login is not None
    assert found.registry.login.authorization == "Basic Zm9vOmJhcg=="
    assert found.scoped[0][0] == "@corp"
    known = npm.credentials(secrets, {"TOKEN": "t0k"})
    assert known["//corp.example/npm"] == "Bearer t0k"


def test_apt_has_sources_in_two_forms_and_logins(tmp_path: Path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(
        "deb [arch=amd64 signed-by=/k] http://deb.example/debian stable main\n"
        "# deb http://off.example/ x y\ndeb cdrom:[x]/ stable main\n"
    )
    (tmp_path / "sources.list.d" / "a.sources").write_text(
        "Types: deb\nURIs: https://one.example/ubuntu\n https://two.example/ubuntu\nSuites: x\n\n"
        "Types: deb\nEnabled: no\nURIs: https://never.example/\n"
    )
    (tmp_path / "auth.conf").write_text("machine one.example/ubuntu login me password secret\n")
    found = {place.pattern: place for place in apt.places(tmp_path)}
    assert set(found) == {"deb.example", "one.example", "two.example"}
    login = found["one.example"].login
    assert login is not None and login.authorization.startswith("Basic ")
    assert (login.scheme, login.path) == ("https", "/ubuntu/")
    assert found["two.example"].login is None


@pytest.mark.parametrize(
    ("machine", "source", "given"),
    [
        ("deb.example", "https://deb.example/debian", True),
        ("deb.example", "http://deb.example/debian", False),  # as apt: not in the clear
        ("http://deb.example", "http://deb.example/debian", True),
        ("http://deb.example", "https://deb.example/debian", False),
        ("deb.example/team-a", "https://deb.example/team-a/debian", True),
        ("deb.example/team-a", "https://deb.example/team-b/debian", False),
        ("deb.example:8443", "https://deb.example/debian", False),
        ("deb.example:8443", "https://deb.example:8443/debian", True),
        ("deb.example", "https://deb.example.evil.example/", False),
        ("[", "https://deb.example/", False),
    ],
)
def test_apt_takes_a_login_for_its_own_sources_alone(
    tmp_path: Path, machine: str, source: str, given: bool
):
    (tmp_path / "sources.list").write_text(f"deb {source} stable main\n")
    (tmp_path / "auth.conf").write_text(f"machine {machine} login me password secret\n")
    (place,) = apt.places(tmp_path)
    assert (place.login is not None) is given


@pytest.mark.parametrize(
    ("where", "registry", "path"),
    [
        ("//corp.example/", "https://corp.example/npm/", "/"),
        ("//corp.example/npm/", "https://corp.example/npm/", "/npm/"),
        ("//corp.example/npm/a/", "https://corp.example/npm/", None),
        ("//corp.example:8443/", "https://corp.example/npm/", None),
        ("//corp.example:443/", "https://corp.example/npm/", "/"),
    ],
)
def test_npm_takes_a_token_at_or_below_its_own_address(where, registry, path):
    found = npm.understood({"registry": registry}, "", [f"{where}:_authToken=t0k\n"])
    login = found.registry.login if found.registry else None
    assert (login.path if login else None) == path


def test_of_two_tokens_npm_takes_that_for_the_longer_path():
    secrets = "//corp.example/:_authToken=all\n//corp.example/npm/:_authToken=npm\n"
    found = npm.understood({"registry": "https://corp.example/npm/"}, "", [secrets])
    assert found.registry is not None and found.registry.login is not None
    assert found.registry.login.authorization == "Bearer npm"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://u:p@a.example/team-a/simple", "/team-a/"),
        ("https://u:p@a.example/team-a/+simple/", "/team-a/"),
        ("https://u:p@a.example/team-a/", "/team-a/"),
        ("https://u:p@a.example/simple/", "/"),
        ("https://u:p@a.example", "/"),
        ("https://u:p@a.example/wheels/links.html", "/wheels/"),
    ],
)
def test_credentials_in_an_address_are_for_the_index_and_the_files_beside_it(url, path):
    place = place_of(url)
    assert place is not None and place.login is not None
    assert place.login.path == path


def test_credentials_that_no_header_can_hold_are_left_out():
    found = npm.understood(
        {"registry": "https://a.example/"}, "", ["//a.example/:_authToken=t\x00k\xe9\n"]
    )
    assert found.registry is not None and found.registry.login is None


def test_a_query_of_an_address_does_not_enter_a_sandbox():
    place = place_of("https://a.example/simple/?token=hush#hush")
    assert place is not None and "hush" not in place.url


class Index(BaseHTTPRequestHandler):
    """A redirect from the asked index to another, whose pages link to a host for files."""

    def do_GET(self) -> None:
        if self.path.startswith("/simple/"):
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/real/pip/")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        page = '<a href="https://files.example/p/pip.whl#sha256=1">pip</a><a href="../x.whl">x</a>'
        if self.path.endswith("/latest"):
            page = json.dumps({"dist": {"tarball": "https://tar.example/npm.tgz"}})
        elif "Authorization" in self.headers:
            page = '<a href="https://leaked.example/">x</a>'
        self.wfile.write(page.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def index() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_hosts_that_an_index_links_to_are_found(index):
    host, _, port = index.partition(":")
    login = Login("http", host, int(port), "/", "Basic x")
    place = Place(f"http://{index}/simple/", index, login)
    found = links.patterns_of(links.of_python_index(place))
    assert found == sorted(["files.example", index])


def test_the_host_of_a_registrys_archives_is_found(index):
    found = links.of_node_registry(Place(f"http://{index}/npm/", index))
    assert links.patterns_of(found) == ["tar.example"]


def test_an_index_that_is_away_gives_nothing():
    assert links.of_python_index(Place("http://127.0.0.1:9/simple/", "x")) == []


def test_what_is_kept_is_for_its_owner_alone_and_comes_back(tmp_path: Path):
    login = Login("https", "a.example", 443, "/simple/", "Basic x")
    registry = Registry("a.example", "pip", trusted=True, logins=(login,))
    everything.save(tmp_path, everything.Discovery((registry,), {"PIP_INDEX_URL": "y"}, 5.0))
    assert (tmp_path / everything.FILE).stat().st_mode & 0o777 == 0o600
    known = everything.load(tmp_path)
    assert known is not None
    assert known.registries == (registry,) and known.env == {"PIP_INDEX_URL": "y"}
    assert not known.fresh


def test_credentials_stay_out_of_what_a_sandbox_gets_and_of_what_is_shown(monkeypatch):
    monkeypatch.setattr(pip, "settings", lambda: pip.understood(PIP, "", {}))
    monkeypatch.setattr(npm, "settings", lambda: npm.NpmSettings(None, usual=True))
    monkeypatch.setattr(apt, "places", list)
    monkeypatch.setattr(links, "_fetch", lambda *_: None)
    found = everything.discover()
    assert found.env["PIP_INDEX_URL"] == "https://mirror.example/simple"
    assert "s@crt" not in json.dumps(found.env) and "s%40crt" not in json.dumps(found.env)
    assert "bWU6" not in repr(found)


def test_an_index_that_was_away_is_asked_again_and_its_links_are_kept(monkeypatch):
    monkeypatch.setattr(pip, "settings", lambda: pip.understood(PIP, "", {}))
    monkeypatch.setattr(npm, "settings", lambda: npm.NpmSettings(None, usual=True))
    monkeypatch.setattr(apt, "places", list)
    monkeypatch.setattr(links, "_fetch", lambda *_: None)
    found = everything.discover()
    assert not found.fresh
    before = everything.Discovery((Registry("files.example", "link"),), {}, 5.0)
    patterns = [registry.pattern for registry in everything.completed(found, before).registries]
    assert "files.example" in patterns and "mirror.example" in patterns


def test_credentials_that_were_taken_back_do_not_stay_while_an_index_is_away():
    login = Login("https", "a.example", 443, "/", "Basic x")
    before = everything.Discovery((Registry("a.example", "pip", True, (login,)),), {}, 5.0)
    now = everything.Discovery((Registry("a.example", "pip", True),), {}, 0.0)
    assert everything.completed(now, before).registries == now.registries
