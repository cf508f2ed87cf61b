"""Archives out of a sandbox and into it, hostile ones too; by the agent and by the host."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
import zlib

import pytest

from sandboxes.engine import FileError, StoppedFiles
from tests.sandboxes.engine.boxes import Box


@pytest.fixture(params=["running", "stopped"])
def box(request: pytest.FixtureRequest, isolated: Box) -> Box:
    if request.param == "stopped":
        isolated.files = StoppedFiles(isolated.spec.root, isolated.spec.limits)
    return isolated


def code(action, *arguments, **options) -> str:
    with pytest.raises(FileError) as raised:
        action(*arguments, **options)
    return raised.value.code


Member = tuple[str, bytes, dict[str, object]]


def tar(*members: Member, mode: str = "w:gz") -> bytes:
    """A tar of (name, content, fields of TarInfo)."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for name, content, fields in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in fields.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


def in_pieces(data: bytes, size: int = 1000) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def packed(box: Box, kind: str, **options) -> bytes:
    with box.files.pack(".", kind, **options) as reading:
        return b"".join(reading)


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip"])
def test_a_folder_survives_packing_and_unpacking(box, kind):
    box.shell(
        "mkdir -p src/empty; printf 'a\\0b' > src/bin; echo x > src/run; chmod 755 src/run;"
        "ln -s run src/link; touch 'ümlaut und Raum'"
    )
    data = packed(box, kind)
    result = box.files.unpack("copy/here", in_pieces(data, 777))
    assert result.files == 4
    assert box.shell("cd copy/here; find . | sort; stat -c %a src/run; readlink src/link") == (
        ".\n./src\n./src/bin\n./src/empty\n./src/link\n./src/run\n./ümlaut und Raum\n755\nrun"
    )
    assert box.files.read_file("copy/here/src/bin", 10) == b"a\0b"


def test_an_archive_can_be_read_by_others(box):
    box.shell("mkdir d; seq 100000 > d/f; mkdir node_modules; touch node_modules/x")
    data = packed(box, "zip", exclude=("node_modules",))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["d/", "d/f"]
    with tarfile.open(fileobj=io.BytesIO(packed(box, "tar.gz"))) as archive:
        assert archive.getnames() == ["d", "d/f", "node_modules", "node_modules/x"]


def test_modes_are_applied_and_owners_are_not(box):
    box.files.unpack("/", [tar(("vercel/sandbox/bin/tool", b"x", {"mode": 0o4755, "uid": 0}))])
    assert box.shell("stat -c '%a %U' bin/tool") == "755 vercel-sandbox"


def test_what_is_there_is_replaced_and_a_link_is_not_written_through(box):
    box.shell("echo old > f; echo kept > g; ln -s g l")
    box.files.unpack(".", [tar(("f", b"new", {}), ("l", b"new", {}))])
    assert box.shell("cat f l g") == "newnewkept"


@pytest.mark.parametrize("name", ["../up", "a/../../up", "/../up"])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_names_that_climb_are_refused(box, kind, name):
    if kind == "tar":
        data = tar(("ok", b"1", {}), (name, b"x", {}))
    else:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(name, b"x")
        data = file.getvalue()
    assert code(box.files.unpack, "d", [data]) == "invalid_archive"
    assert not (box.workspace / "up").exists() and not (box.spec.root / "up").exists()


def test_an_absolute_name_lands_in_the_folder(box):
    box.files.unpack("d", [tar(("/etc/passwd", b"mine", {}))])
    assert box.shell("cat d/etc/passwd") == "mine"


@pytest.mark.parametrize("target", ["../..", "/etc", "/tmp"])
def test_nothing_of_the_host_is_written_through_a_link_of_the_archive(box, target):
    link = ("way", b"", {"type": tarfile.SYMTYPE, "linkname": target})
    try:
        box.files.unpack(".", [tar(link, ("way/slipped", b"x", {}))])
    except FileError as error:
        assert error.code == "denied"
    assert (
        not (box.spec.root / "slipped").exists() and not (box.spec.root.parent / "slipped").exists()
    )
    assert not os.path.exists("/etc/slipped") and not os.path.exists("/tmp/slipped")


def test_a_hard_link_joins_files_of_the_archive_only(box):
    hard = {"type": tarfile.LNKTYPE, "linkname": "a"}
    box.files.unpack(".", [tar(("a", b"1", {}), ("b", b"", hard))])
    assert box.shell("stat -c %h a; cat b") == "2\n1"
    for target in ("../../secret", "/etc/passwd", "way/passwd", "."):
        way = ("way", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc"})
        data = tar(way, ("c", b"", hard | {"linkname": target}))
        assert code(box.files.unpack, "x", [data])
        assert not (box.workspace / "x" / "c").exists()


@pytest.mark.parametrize(
    "member",
    [
        ("pipe", b"", {"type": tarfile.FIFOTYPE}),
        ("disk", b"", {"type": tarfile.BLKTYPE, "devmajor": 8}),
        ("tty", b"", {"type": tarfile.CHRTYPE, "devmajor": 5}),
        ("strange", b"", {"type": b"Z"}),
        ("", b"lost", {}),
        (".", b"lost", {}),
        ("./", b"lost", {}),
        ("/", b"lost", {}),
        ("d/.", b"lost", {}),
        ("", b"", {"type": tarfile.SYMTYPE, "linkname": "f"}),
        ("up/../../f", b"lost", {}),
    ],
)
def test_what_cannot_lie_in_a_folder_is_refused_and_so_is_all_beside_it(box, member):
    before, after = ("new/f", b"1", {}), ("g", b"1", {})
    assert code(box.files.unpack, "/vercel/sandbox", [tar(before, member, after)]) == (
        "invalid_archive"
    )
    assert box.shell("ls -A") == ""


@pytest.mark.parametrize("name", ["d/", "./", "/"])
def test_content_under_the_name_of_a_folder_is_refused(box, name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, b"lost")
    assert code(box.files.unpack, ".", [file.getvalue()]) == "invalid_archive"
    old = tarfile.TarInfo(name)
    old.size, old.type = 4, tarfile.AREGTYPE
    data = old.tobuf(tarfile.USTAR_FORMAT) + b"lost".ljust(512, b"\0") + bytes(1024)
    assert code(box.files.unpack, ".", [data]) == "invalid_archive"


def test_the_folder_itself_may_be_named(box):
    data = tar(("./", b"", {"type": tarfile.DIRTYPE}), ("./f", b"1", {}))
    assert box.files.unpack(".", [data]).files == 1


@pytest.mark.parametrize("packing", [lambda data: data, gzip.compress], ids=["tar", "tar.gz"])
def test_what_is_damaged_in_the_middle_does_not_end_the_archive(box, packing):
    whole = bytearray(tar(("a", b"1", {}), ("b", b"2", {}), ("c", b"3", {}), mode="w"))
    whole[1024 + 148 : 1024 + 156] = b"9999999\0"  # the checksum of b
    assert code(box.files.unpack, ".", [packing(bytes(whole))]) == "invalid_archive"
    cut = tar(("a", b"1", {}), ("b", b"2", {}), mode="w")[: 1024 + 300]
    assert code(box.files.unpack, ".", [packing(cut)]) == "invalid_archive"
    assert box.shell("ls -A") == ""


def test_what_follows_the_end_of_an_archive_is_not_dropped(box):
    one, two = (tar((name, b"1", {}), mode="w") for name in "ab")
    assert code(box.files.unpack, ".", [one + two]) == "invalid_archive"
    assert code(box.files.unpack, ".", [gzip.compress(one) + gzip.compress(two)])
    assert box.files.unpack(".", [one + bytes(1 << 20)]).files == 1
    assert box.files.unpack(".", [gzip.compress(one) + bytes(5000)]).files == 1


def test_a_gzip_in_several_streams_is_taken_whole(box):
    data = tar(("a", b"1", {}), ("b", b"2", {}), mode="w")
    pieces = [gzip.compress(data[:1024]), gzip.compress(data[1024:])]
    assert box.files.unpack(".", [b"".join(pieces)]).files == 2
    assert box.shell("cat a b") == "12"


def test_a_gzip_bomb_is_refused_before_it_fills_the_disk(box):
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = tarfile.TarInfo("zeros")
    head.size = 4 << 30
    pieces = [bomb.compress(head.tobuf())]
    pieces += [bomb.compress(bytes(1 << 20)) for _ in range(400)]
    assert code(box.files.unpack, ".", [*pieces, bomb.flush()]) == "too_large"
    assert box.shell("du -sm . | cut -f1; ls -A") in ("1", "0")


def test_a_zip_bomb_is_refused_and_leaves_nothing_large(box):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("z", "w") as z:
        for _ in range(150):
            z.write(bytes(1 << 20))
    assert code(box.files.unpack, ".", in_pieces(file.getvalue())) == "too_large"
    assert int(box.shell("du -sm . | cut -f1")) < 2


def test_an_archive_may_hold_so_many_entries_and_bytes(box):
    data = tar(*[(f"f{number}", b"12345", {}) for number in range(20)])
    assert code(box.files.unpack, ".", [data], max_entries=10) == "too_large"
    assert code(box.files.unpack, ".", [data], max_bytes=50) == "too_large"


def test_a_header_that_would_fill_the_memory_is_refused(box):
    head = tarfile.TarInfo("pax")
    head.type, head.size = tarfile.XHDTYPE, 7 << 30
    data = gzip.compress(head.tobuf(tarfile.USTAR_FORMAT) + bytes(1 << 20))
    assert code(box.files.unpack, ".", [data]) == "invalid_archive"


@pytest.mark.parametrize(
    "data",
    [
        b"no archive at all" * 100,
        b"PK\x03\x04 damaged",
        b"\x1f\x8b\x08 damaged",
        tar(("f", b"x" * 100_000, {}))[:-200],
        tar(("f", b"x" * 10_000, {}), mode="w")[:5000],
        b"\x1f",
    ],
)
def test_a_damaged_archive_is_refused_in_words(box, data):
    assert code(box.files.unpack, ".", [data]) == "invalid_archive"
    assert box.shell("find . -name '.vibe*'") == ""


def test_an_empty_archive_is_no_failure(box):
    assert box.files.unpack(".", [tar()]).files == 0


def test_names_that_are_no_utf8_survive(box):
    box.shell(r"echo 1 > $'bad\377'")
    box.files.unpack("d", [packed(box, "tar.gz")])
    assert box.shell(r"cat $'d/bad\377'") == "1"


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip"])
def test_what_lies_deep_comes_along(box, kind):
    deep = "/".join(["d"] * 300)
    box.shell(f"mkdir -p {deep}; echo here > {deep}/f")
    data = packed(box, kind)
    box.files.unpack("copy", [data])
    assert box.shell(f"cat copy/{deep}/f") == "here"


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_what_does_not_come_along_is_named_in_the_archive(box, kind):
    box.shell("mkdir closed; touch closed/f f g; chmod 0 closed f; mkfifo pipe")
    data = io.BytesIO(packed(box, kind))
    if kind == "zip":
        with zipfile.ZipFile(data) as archive:
            said = archive.read("NOT-IN-THIS-ARCHIVE.txt").decode()
    else:
        with tarfile.open(fileobj=data) as tape:
            content = tape.extractfile("NOT-IN-THIS-ARCHIVE.txt")
            assert content is not None
            said = content.read().decode()
    assert [line.partition(":")[0] for line in said.splitlines()] == ["closed", "f", "pipe"]


def test_a_copy_lacks_nothing(box):
    box.shell("mkdir -p a/closed; touch a/closed/f a/g; chmod 0 a/closed")
    assert code(box.files.copy, "a", "b") == "denied"
    assert box.shell("ls -A") == "a"
