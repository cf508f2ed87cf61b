"""Stat, ranges, appends, copies, modes and searches; by the agent and by the host's process."""

from __future__ import annotations

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


def test_a_link_tells_what_it_is_and_where_it_points(box):
    box.shell("echo 12345 > f; chmod 751 f; ln -s f l")
    entry = box.files.stat("l")
    assert (entry.path, entry.kind, entry.size, entry.mode) == ("l", "file", 6, 0o751)
    link = box.files.stat("l", follow=False)
    assert (link.kind, link.target) == ("link", "f")
    assert box.files.stat(".").kind == "dir"


def test_the_version_of_a_file_changes_with_its_content(box):
    first = box.files.write_file("f", [b"one"])
    assert box.files.stat("f").version == first
    box.shell("echo two > f")
    assert box.files.stat("f").version != first


def test_a_file_is_written_only_over_the_version_that_was_seen(box):
    seen = box.files.write_file("f", [b"one"], expect="")
    box.files.write_file("f", [b"two"], expect=seen)
    assert code(box.files.write_file, "f", [b"three"], expect=seen) == "changed"
    assert code(box.files.write_file, "f", [b"four"], expect="") == "changed"
    assert box.files.read_file("f", 100) == b"two"


def test_a_part_of_a_file_is_read(box):
    box.files.write_files([("f", b"0123456789", None)])
    with box.files.open_file("f", offset=3, length=4) as reading:
        assert b"".join(reading) == b"3456"
        assert reading.info.size == 10
    with box.files.open_file("f", offset=100) as reading:
        assert b"".join(reading) == b""


def test_what_is_appended_comes_last(box):
    box.files.write_file("log", [b"one\n"], append=True)
    box.files.write_file("log", [b"two\n"], append=True)
    assert box.files.read_file("log", 100) == b"one\ntwo\n"


def test_nothing_is_appended_to_a_fifo(box):
    box.shell("mkfifo pipe")
    assert code(box.files.write_file, "pipe", [b"x"], append=True) == "not_regular"
    assert code(box.files.write_file, "pipe", [b"x"]) == "not_regular"


def test_a_transfer_that_breaks_off_leaves_the_old_file(box):
    box.files.write_files([("f", b"old", None)])

    def pieces():
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        box.files.write_file("f", pieces())
    assert box.files.read_file("f", 100) == b"old"


def test_a_tree_is_copied_with_modes_and_links(box):
    box.shell("mkdir -p d/e; echo 1 > d/e/f; chmod 754 d/e/f; ln -s e/f d/l; mkfifo pipe")
    box.files.copy("d", "new/copy")
    assert box.shell("cat new/copy/l; stat -c %a new/copy/e/f; readlink new/copy/l") == (
        "1\n754\ne/f"
    )
    assert code(box.files.copy, "d", "new/copy") == "exists"
    assert code(box.files.copy, "d", "d/inside") == "invalid_path"
    assert code(box.files.copy, "pipe", "other") == "not_regular"


def test_a_file_is_moved_over_another_only_on_request(box):
    box.shell("echo 1 > a; echo 2 > b")
    assert code(box.files.move, "a", "b") == "exists"
    box.files.move("a", "b", overwrite=True)
    assert box.shell("cat b; ls") == "1\nb"


def test_modes_are_set_also_of_what_nobody_may_read(box):
    box.shell("touch f; mkdir d; chmod 000 f d")
    box.files.set_mode("f", 0o4755)
    box.files.set_mode("d", 0o700)
    assert box.shell("stat -c %a f d") == "755\n700"
    box.shell("ln -s nowhere l")
    assert code(box.files.set_mode, "l", 0o600) == "not_found"


def test_a_directory_is_made_once_without_its_parents(box):
    box.files.make_directory("a", parents=False)
    assert code(box.files.make_directory, "a", parents=False) == "exists"
    assert code(box.files.make_directory, "b/c", parents=False) == "not_found"
    box.files.make_directory("a")


def test_lines_are_found_with_their_numbers(box):
    box.shell(
        r"mkdir d; printf 'one\nTwo three\n' > d/f.txt; printf 'two' > g.py; printf 'two\0' > b"
    )
    matches, more, files = box.files.search("two")
    assert [(match.path, match.line, match.text) for match in matches] == [
        ("d/f.txt", 2, "Two three"),
        ("g.py", 1, "two"),
    ]
    assert (more, files) == (False, 2)
    assert [match.path for match in box.files.search("two", case=True)[0]] == ["g.py"]
    assert [match.path for match in box.files.search("two", names="*.txt")[0]] == ["d/f.txt"]
    assert [match.path for match in box.files.search("two", path="d")[0]] == ["d/f.txt"]


def test_names_are_found_by_a_part_and_by_a_pattern(box):
    box.shell("mkdir -p src/Tests; touch src/Tests/a.py src/test_b.py src/c.js")
    found = [match.path for match in box.files.search("test", where="names")[0]]
    assert found == ["src/Tests", "src/test_b.py"]
    assert [match.path for match in box.files.search("*.js", where="names")[0]] == ["src/c.js"]


def test_a_search_is_bounded_and_says_so(box):
    box.shell("yes needle | head -1000 > many; head -c 20000 /dev/zero | tr '\\0' x > long")
    matches, more, _ = box.files.search("needle", limit=10)
    assert (len(matches), more) == (10, True)
    assert len(box.files.search("xx", limit=5)[0][0].text) < 300
    assert code(box.files.search, "") == "invalid_path"


def test_a_file_with_a_name_that_is_no_utf8_is_reached_by_its_escaped_name(box):
    box.shell(r"mkdir $'d\377'; echo 1 > $'d\377/f\376'")
    assert [entry.path for entry in box.files.list_files()[0]] == ["d\\xff", "d\\xff/f\\xfe"]
    assert box.files.read_file("d\\xff/f\\xfe", 10) == b"1\n"
    box.files.move("d\\xff/f\\xfe", "good")
    box.files.remove("d\\xff")
    assert box.shell("ls") == "good"


def test_a_tree_deeper_than_any_path_is_listed_and_removed(box):
    box.shell(
        "python3 -c \"import os\nfor _ in range(1500): os.mkdir('d' * 50); os.chdir('d' * 50)\""
    )
    entries, truncated = box.files.list_files()
    assert (truncated, len(entries)) == (True, 100)
    box.files.remove("d" * 50, recursive=True)
    assert box.shell("ls -A") == ""


def test_links_that_mean_the_workspace_are_followed(box):
    box.shell(
        "mkdir real; echo 1 > real/f; ln -s /vercel/sandbox/real abs; ln -s ../sandbox/real up"
    )
    assert box.files.read_file("abs/f", 10) == b"1\n"
    box.files.write_files([("abs/g", b"2", None)])
    assert box.shell("cat real/g") == "2"


def test_the_home_directory_is_reached(box):
    box.shell("echo 1 > ~/.profile")
    assert box.files.read_file("/home/vercel-sandbox/.profile", 10) == b"1\n"
    assert [entry.path for entry in box.files.list_files("/home/vercel-sandbox")[0]] == [
        "/home/vercel-sandbox/.profile"
    ]


@pytest.mark.parametrize(
    ("word", "line"),
    [
        (
            "i\u0307stanbul ve i\u0307zmir",
            "\u0130STANBUL ve \u0130zmir",
        ),  # each of these letters becomes two
        ("größe", "Eine GRÖSSE und eine Größe"),
        ("ΣΊΣΥΦΟΣ", "ο Σίσυφος"),
        ("łódź", "\u0130 ŁÓDŹ"),
        ("日本", "a \u0130 日本 b"),
    ],
)
def test_a_word_of_any_script_gives_the_very_line(box, word, line):
    lines = ["\u0130\u0130 before", line, "after"]
    box.files.write_files([("f.txt", "\r\n".join(lines).encode(), None)])
    ((match,), more, _) = box.files.search(word)
    assert (match.line, match.text, more) == (2, line, False)


def test_of_a_long_line_the_part_around_the_word_is_shown(box):
    line = "\u0130" * 3000 + " ÜBER allem " + "x" * 3000
    box.files.write_files(
        [("f.txt", line.encode(), None), ("g.txt", b"\xff" * 900 + b" Needle ", None)]
    )
    ((match,), _, _) = box.files.search("über")
    assert "ÜBER allem" in match.text and len(match.text) < 300
    assert "Needle" in box.files.search("needle")[0][0].text


@pytest.mark.parametrize("word", ["needle", "Nädel"])
def test_what_is_searched_in_part_says_so(box, word):
    filling = b"x\n" * (1 << 20)
    box.files.write_files([("exact", filling, None)])
    assert box.files.search(word)[:2] == ([], False)
    box.files.write_files([("larger", filling + word.encode(), None)])
    assert box.files.search(word)[:2] == ([], True)
    assert box.files.search(word, names="exact")[:2] == ([], False)


def test_what_is_closed_or_too_deep_to_be_searched_is_said(box):
    box.shell("mkdir d; echo needle > d/f")
    assert not box.files.search("needle")[1]
    box.shell("chmod 0 d")
    assert box.files.search("needle")[:2] == ([], True)
    box.shell(f"chmod 700 d; rm -r d; mkdir -p {'/'.join(['d'] * 120)}")
    assert box.files.search("needle")[:2] == ([], True)


def test_more_lines_of_one_file_than_are_given_are_said(box):
    box.files.write_files([("f", b"needle\n" * 50, None)])
    assert [len(found) if isinstance(found, list) else found
            for found in box.files.search("needle")[:2]] == [50, False]  # fmt: skip
    box.files.write_files([("f", b"needle\n" * 51, None)])
    assert box.files.search("needle")[1]
