"""Versions of a real workspace around turns: made, listed, restored, undone."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from chat.models import Conversation, Turn, Version
from chat.services import conversations
from chat.services.endings import end_turn
from chat.services.versioning import versions
from sandboxes.host import shares
from sandboxes.host import versions as kept
from sandboxes.models import Checkpoint, Command, Sandbox
from sandboxes.services import commands, files
from tests.fixtures.observed import run
from tests.fixtures.rows import make_turn
from tests.fixtures.waiting import until
from vibe.refusal import Refusal

pytestmark = pytest.mark.sandbox


@pytest.fixture
def workspace(conversation: Conversation, sandbox: Sandbox) -> Path:
    """Of the conversation's running sandbox, as the host sees it."""
    conversations.use_sandbox(conversation.pk, sandbox.pk)
    conversation.refresh_from_db()
    return shares.root_of(sandbox) / "workspace"


def saved(version: Version | None) -> Version:
    """The version once its files are saved."""
    assert version is not None
    until(lambda: not Checkpoint.objects.get(pk=version.checkpoint_id).is_pending)
    versions.number_settled(version.conversation)
    return Version.objects.select_related("checkpoint", "conversation").get(pk=version.pk)


@pytest.fixture
def turn(conversation: Conversation, sandbox: Sandbox, workspace: Path) -> Callable[..., Version]:
    """A turn that writes these files; the version after it."""

    def ended(**contents: str) -> Version:
        made = make_turn(conversation, status="running")
        versions.save_before(made)
        for name, text in contents.items():
            files.write_files(sandbox, [(name.replace("__", "."), text.encode())])
        assert end_turn(made.pk, Turn.Status.COMPLETED)
        return saved(Version.objects.get(turn=made))

    return ended


def test_each_turn_leaves_a_version_that_says_what_it_changed(turn, conversation):
    first = turn(app__py="one\ntwo\n")
    second = turn(app__py="one\n2\n", more__txt="x\n")
    assert [version.number for version in versions.list_for(conversation)] == [1, 2]
    assert (first.checkpoint.files_changed, second.checkpoint.files_changed) == (1, 2)
    assert (second.checkpoint.lines_added, second.checkpoint.lines_removed) == (2, 1)
    assert second.title == "Build it"


def test_what_was_changed_between_turns_is_a_version_of_its_own(turn, sandbox, conversation):
    turn(app__py="one\n")
    files.write_files(sandbox, [("app.py", b"by hand\n")])
    turn(more__py="two\n")
    reasons = [version.reason for version in versions.list_for(conversation)]
    assert reasons == ["turn", "changed", "turn"]


def test_a_turn_after_which_nothing_was_changed_by_hand_has_no_version_before(turn, conversation):
    turn(app__py="one\n")
    turn(app__py="two\n")
    assert [one.number for one in versions.list_for(conversation)] == [1, 2]


def test_a_restore_brings_the_files_back_and_is_a_version_that_can_be_undone(turn, workspace):
    first = turn(app__py="one\n")
    turn(app__py="two\n", new__py="new\n")
    restored = saved(versions.restore(first))
    assert sorted(path.name for path in workspace.iterdir()) == ["app.py"]
    assert (workspace / "app.py").read_text() == "one\n"
    assert (restored.number, restored.title) == (3, "Restored version 1")
    saved(versions.restore(Version.objects.get(number=2)))
    assert (workspace / "new.py").read_text() == "new\n"


def test_what_was_not_saved_yet_becomes_a_version_before_a_restore(turn, sandbox, conversation):
    first = turn(app__py="one\n")
    files.write_files(sandbox, [("precious.txt", b"not saved\n")])
    saved(versions.restore(first))
    before = versions.list_for(conversation).get(number=2)
    assert (before.reason, before.checkpoint.files_changed) == ("changed", 1)


def test_the_apps_data_goes_back_with_the_files_unless_it_is_to_be_kept(turn, workspace):
    def rows() -> list[tuple[str]]:
        with sqlite3.connect(workspace / "app.sqlite3") as database:
            return database.execute("SELECT word FROM words").fetchall()

    def write(word: str) -> None:
        with sqlite3.connect(workspace / "app.sqlite3") as database:
            database.execute("CREATE TABLE IF NOT EXISTS words (word TEXT)")
            database.execute("INSERT INTO words VALUES (?)", (word,))

    write("first")
    one = turn(app__py="one\n", __gitignore="*.sqlite3\n")
    write("second")
    turn(app__py="two\n")
    saved(versions.restore(one, keep_data=True))
    assert ((workspace / "app.py").read_text(), rows()) == ("one\n", [("first",), ("second",)])
    saved(versions.restore(one))
    assert rows() == [("first",)]


def test_servers_run_again_as_the_version_had_them(turn, sandbox):
    line = ["-c", "echo up; exec sleep 600"]
    server = commands.run(sandbox, "sh", line, background=True)
    until(lambda: Command.objects.get(pk=server.pk).status == "running")
    first = turn(app__py="one\n")
    commands.stop(server)
    until(lambda: Command.objects.get(pk=server.pk).is_finished)
    turn(app__py="two\n")
    saved(versions.restore(first))
    until(lambda: Command.objects.filter(sandbox=sandbox, status="running", args=line).exists())


def test_no_version_is_restored_while_the_model_is_at_work(turn, conversation):
    first = turn(app__py="one\n")
    make_turn(conversation, status="running")
    with pytest.raises(Refusal, match="at work"):
        versions.restore(first)


def test_undo_as_a_message_takes_back_the_last_turn_and_then_the_one_before(
    turn, workspace, say, parts
):
    turn(app__py="one\n")
    turn(app__py="two\n")
    turn(app__py="three\n")
    undone = say("Undo.")
    assert undone.status == "completed"
    assert "version 2" in parts(undone)[0].text
    assert (workspace / "app.py").read_text() == "two\n"
    say("undo")
    assert (workspace / "app.py").read_text() == "one\n"
    assert "nothing to undo" in parts(say("undo"))[0].text


def test_the_model_is_told_of_a_restore_since_it_last_spoke(turn, conversation):
    first = turn(app__py="one\n")
    turn(app__py="two\n")
    saved(versions.restore(first))
    assert "restored version 1" in versions.note_for(make_turn(conversation))


def test_a_deleted_conversation_takes_its_versions_along(turn, conversation, sandbox):
    turn(app__py="one\n")
    place = kept.place_of(sandbox).versions
    assert place.exists()
    conversations.delete(conversation)
    assert not Checkpoint.objects.exists()
    until(lambda: not place.exists())


def test_versions_count_for_the_owners_disk_space(turn, sandbox):
    turn(app__py="one\n" * 10_000)
    sandbox.refresh_from_db()
    assert sandbox.versions_bytes > 0


def test_an_owner_without_room_is_told_why_there_is_no_version(turn, sandbox, settings):
    settings.DISK_PER_USER_MB = 1
    Sandbox.objects.filter(pk=sandbox.pk).update(disk_bytes=2 << 20)
    made = make_turn(Conversation.objects.get(), status="running")
    end_turn(made.pk, Turn.Status.COMPLETED)
    version = saved(Version.objects.get(turn=made))
    assert version.checkpoint.status == "failed"
    assert "Delete what you do not need" in version.checkpoint.error


def test_any_of_a_dozen_turns_comes_back_exactly(turn, sandbox, workspace):
    turns_and_restores(turn, sandbox, workspace, 12)


def turns_and_restores(turn: Callable[..., Version], sandbox: Sandbox, workspace: Path, count: int):
    """So many steps, four of ten of them a restore of any version so far."""
    dice = random.Random(7)
    recorded: list[tuple[Version, list]] = []
    for number in range(count):
        if recorded and dice.random() < 0.4:
            version, tree = dice.choice(recorded)
            made = saved(versions.restore(version))
            assert described(workspace) == tree
            recorded.append((made, tree))
            continue
        script = (
            "import sqlite3\n"
            f"open('f{dice.randrange(4)}', 'w').write('{number}')\n"
            "c = sqlite3.connect('app.sqlite3'); c.execute('create table if not exists t (n)')\n"
            f"c.execute('insert into t values ({number})'); c.commit(); c.close()\n"
        )
        run(sandbox, f"python3 - <<'END'\n{script}END")
        recorded.append((turn(), described(workspace)))


def described(workspace: Path) -> list:
    """Every entry with its kind, mode and content."""
    found = []
    for path in sorted(workspace.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        found.append((str(path.relative_to(workspace)), path.lstat().st_mode, content))
    return found
