"""Properties of paths, frames and archives, over generated and mutated input."""

from __future__ import annotations

import io
import json
import os
import socket
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandboxes.engine import AgentProtocolError, FileError
from sandboxes.engine.agent.enclosure import Beneath
from sandboxes.engine.agent.files import serve
from sandboxes.engine.file_answers import parse_listing, parse_matches, parse_stat
from sandboxes.engine.file_stream import FileStream

SECRET = "a canary of the host"
LENIENT = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PARTS = st.sampled_from(
    ["a", "b", "..", ".", "", "up", "abs", "loop", "out", "dir", "ü", "x" * 256]
)
PATHS = st.builds(
    lambda absolute, parts: ("/" if absolute else "") + "/".join(parts),
    st.booleans(),
    st.lists(PARTS, max_size=8),
)


@pytest.fixture
def place() -> Iterator[Beneath]:
    """A small tree with links in every direction, served as that of a stopped sandbox."""
    with tempfile.TemporaryDirectory(prefix="vibe-") as top:
        workspace = Path(top, "workspace")
        (workspace / "dir" / "a").mkdir(parents=True)
        (Path(top) / "secret").write_text(SECRET)
        for name, target in (
            ("up", ".."), ("abs", "/vercel/sandbox/dir"), ("loop", "loop"),
            ("out", "/etc"), ("dir/up", "../dir"), ("b", "dir/a"),
        ):  # fmt: skip
            (workspace / name).symlink_to(target)
        root = os.open(workspace, os.O_PATH | os.O_DIRECTORY)
        yield Beneath(root, {"/vercel/sandbox": root})
        os.close(root)


def inside(place: Beneath, directory: int) -> bool:
    where = os.readlink(f"/proc/self/fd/{directory}")
    top = os.readlink(f"/proc/self/fd/{place.workspace}")
    return where == top or where.startswith(top + "/")


@given(path=PATHS, follow=st.booleans())
@LENIENT
def test_whatever_the_path_a_spot_lies_inside(place: Beneath, path: str, follow: bool) -> None:
    before = len(os.listdir("/proc/self/fd"))
    try:
        spot = place.find(path, follow)
    except Exception as refusal:
        assert type(refusal).__name__ in (
            "Failure",
            "FileNotFoundError",
            "NotADirectoryError",
            "OSError",
        )
    else:
        assert inside(place, spot.directory)
        assert "/" not in spot.name and spot.name != ".."
        os.close(spot.directory)
    assert len(os.listdir("/proc/self/fd")) == before


def answers(place: Beneath, sent: bytes) -> bytes:
    """What the server of file requests says to raw bytes, until it hangs up."""
    ours, theirs = socket.socketpair()

    def run() -> None:
        with theirs:
            serve(theirs, place)

    thread = threading.Thread(target=run)
    thread.start()
    with ours:
        ours.settimeout(20)
        received = b""
        try:
            ours.sendall(sent)
            ours.shutdown(socket.SHUT_WR)
            while chunk := ours.recv(65536):
                received += chunk
        except OSError:
            pass
    thread.join(20)
    assert not thread.is_alive(), "a request has hung the server"
    return received


def frame(message: object) -> bytes:
    data = json.dumps(message).encode()
    return len(data).to_bytes(4, "big") + data


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3)
    ),
    max_leaves=6,
)
DOING = st.sampled_from(
    [
        "list",
        "stat",
        "read",
        "write",
        "make_directory",
        "move",
        "copy",
        "mode",
        "search",
        "pack",
        "x",
    ]
)
FIELDS = st.sampled_from(
    ["path", "target", "count", "limit", "depth", "exclude", "offset", "length", "mode", "text",
     "where", "case", "format", "max_bytes"]
)  # fmt: skip


@given(
    do=DOING, fields=st.dictionaries(FIELDS, JSON | PATHS, max_size=6), more=st.binary(max_size=60)
)
@LENIENT
def test_no_request_hangs_or_kills_the_server_of_files(
    place: Beneath, do: str, fields: dict, more: bytes
) -> None:
    received = answers(place, frame({"do": do, **fields}) + more)
    assert SECRET.encode() not in received


@given(st.binary(max_size=200))
@LENIENT
def test_no_bytes_hang_or_kill_the_server_of_files(place: Beneath, sent: bytes) -> None:
    answers(place, sent)


@given(st.binary(max_size=300))
@LENIENT
def test_no_answer_breaks_the_host(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(sent)
        theirs.shutdown(socket.SHUT_WR)
        with FileStream(ours, 5) as stream:
            try:
                parse_stat(stream.answer())
                b"".join(stream.blocks(1000))
            except (FileError, AgentProtocolError):
                pass


@given(JSON)
@LENIENT
def test_no_json_breaks_the_parsers_of_answers(value: object) -> None:
    data = json.dumps(value).encode()
    for parse in (lambda: parse_listing(data, 5), lambda: parse_matches(data, 5)):
        with pytest.raises(AgentProtocolError):
            parse()
    with pytest.raises(AgentProtocolError):
        parse_stat({"entry": value})


def packed(names: list[str]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"new"))
    return data.getvalue()


def unpack(place: Beneath, data: bytes) -> dict:
    request = {"do": "unpack", "path": "t", "max_bytes": 1 << 20, "max_entries": 100}
    blocks = len(data).to_bytes(4, "big") + data + bytes(4) if data else bytes(4)
    received = answers(place, frame(request) + blocks)
    return json.loads(received[4:]) if received else {}


@given(st.lists(PATHS, min_size=1, max_size=4))
@LENIENT
def test_whatever_its_names_an_archive_stays_inside(place: Beneath, names: list[str]) -> None:
    top = Path(os.readlink(f"/proc/self/fd/{place.workspace}"))
    answer = unpack(place, packed(names))
    assert "files" in answer or answer["error"], answer
    assert sorted(path.name for path in top.parent.iterdir()) == ["secret", "workspace"]
    assert (top.parent / "secret").read_text() == SECRET
    assert set(os.listdir(top)) <= {"dir", "up", "abs", "loop", "out", "b", "t"}


@given(st.data())
@LENIENT
def test_a_mutated_archive_is_unpacked_or_refused(place: Beneath, data: st.DataObject) -> None:
    archive = bytearray(packed(["a", "dir/b"]))
    for _ in range(data.draw(st.integers(1, 6))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    answer = unpack(place, bytes(archive))
    assert "files" in answer or "error" in answer
