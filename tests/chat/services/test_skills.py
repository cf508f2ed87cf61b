"""Skills: what makes one, where they come from, what is read of them."""

from __future__ import annotations

import pytest

from chat.models import Skill
from chat.services.context import skills
from vibe.refusal import Refusal

TEXT = "---\nname: {name}\ndescription: {description}\n---\n\nDo it {how}."


def text(name: str = "deploy", description: str = "How to deploy", how: str = "well") -> str:
    return TEXT.format(name=name, description=description, how=how)


@pytest.fixture
def operators(tmp_path, settings):
    """Makes a skill of the operator's."""
    settings.SKILLS_DIR = str(tmp_path / "skills")

    def make(name: str, body: str):
        folder = tmp_path / "skills" / name
        folder.mkdir(parents=True)
        (folder / "SKILL.md").write_text(body)
        return folder

    return make


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("---\nname: a\ndescription: b\n---\n", ("a", "b")),
        ("---\nname: \"a\"\ndescription: 'b: c'\n---\n", ("a", "b: c")),
        ("---\nname: a\ndescription: >\n  one\n  two\nlicense: MIT\n---\n", ("a", "one two")),
        ("---\r\nname: a\r\ndescription: b\r\n---\r\n", ("a", "b")),
        ("name: a\ndescription: b\n", ("", "")),
        ("---\nname: a\ndescription: b\n", ("", "")),
        ("", ("", "")),
    ],
)
def test_name_and_description_are_read_from_the_front_matter(head, found):
    assert skills.parsed(head) == found


def test_a_users_skill_is_available_and_read_without_its_front_matter(owner, conversation):
    skills.save(owner, text())
    (found,) = skills.available(conversation)
    assert (found.name, found.origin) == ("deploy", "user")
    assert skills.read(conversation, "deploy")[1] == "Do it well."


def test_another_users_skill_is_not_available(conversation, django_user_model):
    skills.save(django_user_model.objects.create_user("bob"), text())
    assert skills.available(conversation) == []


def test_the_operators_skill_goes_before_a_users_of_the_same_name(owner, conversation, operators):
    operators("deploy", text(how="as the operator says"))
    skills.save(owner, text())
    assert skills.read(conversation, "deploy")[1] == "Do it as the operator says."


def test_a_file_of_the_operators_skill_can_be_read(conversation, operators):
    (operators("deploy", text()) / "steps.md").write_text("One. Two.")
    assert skills.read(conversation, "deploy", "steps.md")[1] == "One. Two."


@pytest.mark.parametrize("file", ["../other/SKILL.md", "/etc/passwd", "link", "no\0file", ".."])
def test_nothing_outside_of_the_skills_folder_is_read(conversation, operators, file):
    operators("other", text("other"))
    (operators("deploy", text()) / "link").symlink_to("/etc/passwd")
    with pytest.raises(Refusal) as refused:
        skills.read(conversation, "deploy", file)
    assert refused.value.code == "not_found"


def test_a_missing_directory_of_the_operator_is_no_hindrance(conversation, settings, tmp_path):
    settings.SKILLS_DIR = str(tmp_path / "nowhere")
    assert skills.available(conversation) == []


@pytest.mark.parametrize(
    "bad", ["", "no front matter", text(name="With Spaces"), text(description="")]
)
def test_a_skill_without_name_or_description_is_refused(owner, bad):
    with pytest.raises(Refusal) as refused:
        skills.save(owner, bad)
    assert refused.value.code == "invalid"


def test_two_skills_of_one_name_are_a_conflict(owner):
    skills.save(owner, text())
    with pytest.raises(Refusal) as refused:
        skills.save(owner, text())
    assert refused.value.code == "conflict"


def test_a_user_keeps_so_many_skills_and_no_more(owner, monkeypatch):
    monkeypatch.setattr(skills, "PER_USER", 2)
    for number in range(2):
        skills.save(owner, text(f"skill-{number}"))
    with pytest.raises(Refusal) as refused:
        skills.save(owner, text("one-more"))
    assert refused.value.code == "limit"
    assert Skill.objects.count() == 2


def test_an_unknown_name_is_told_which_there_are(owner, conversation):
    skills.save(owner, text())
    with pytest.raises(Refusal) as refused:
        skills.read(conversation, "deploying")
    assert "deploy" in refused.value.hint
