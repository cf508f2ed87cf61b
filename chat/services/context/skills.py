"""Skills: folders or rows with a SKILL.md, named to the model and read by it when it needs one."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Conversation, Skill
from chat.services.storable import storable
from sandboxes.models import Sandbox
from sandboxes.services import files
from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

FILE = "SKILL.md"
FOLDERS = (".vibe/skills", ".agents/skills", ".claude/skills")
# How many the model is told of, and how much of one it may read.
LISTED = 60
DESCRIPTION_LISTED = 400
TEXT_LIMIT = 60_000
BYTES_LIMIT = 400_000
PER_USER = 100
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
KEPT = kept.register(
    kept.Kind(
        "skills",
        "skills",
        lambda owner: Skill.objects.filter(owner_id=owner),
        lambda: PER_USER,
        "Delete some that you do not need.",
    )
)


@dataclass(frozen=True)
class Found:
    """A skill that there is. `origin`: operator, user or workspace; `place` is where its text is:
    a folder of the host, a row's id, or a folder of the workspace."""

    name: str
    description: str
    origin: str
    place: str


def available(conversation: Conversation) -> list[Found]:
    """The operator's, the user's, the workspace's; of one name the first. Never raises."""
    sandbox = conversation.sandbox
    found: dict[str, Found] = {}
    of_workspace = _of_workspace(sandbox) if sandbox and sandbox.deleted_at is None else []
    for skill in [*_of_operator(), *_of_user(conversation.owner), *of_workspace]:
        found.setdefault(skill.name, skill)
    return list(found.values())[:LISTED]


def read(conversation: Conversation, name: str, file: str = "") -> tuple[Found, str]:
    """A skill's text, or that of another file in its folder. Raises Refusal(not_found, invalid)."""
    skills = available(conversation)
    skill = next((one for one in skills if one.name == name.strip()), None)
    if skill is None:
        names = ", ".join(one.name for one in skills) or "none"
        raise Refusal(
            f"There is no skill named {name!r}.", f"There are: {names}.", code="not_found"
        )
    if file and skill.origin == "user":
        raise Refusal(
            f"{name} has no further files.", "Call read_skill without a file.", code="not_found"
        )
    if skill.origin == "operator":
        data = _host_file(Path(skill.place), file or FILE)
    elif skill.origin == "user":
        data = Skill.objects.values_list("text", flat=True).get(pk=skill.place).encode()
    else:
        data = _workspace_file(conversation.sandbox, skill.place, file or FILE)
    if b"\x00" in data:
        raise Refusal(f"{file or FILE} is not a text file.", "", code="invalid")
    text = storable(data.decode(errors="replace"))
    return skill, _body(text) if not file else text


def parsed(text: str) -> tuple[str, str]:
    """(name, description) in the front matter; ("", "") where there is none. A description may go
    on in indented lines."""
    lines = text.lstrip("\ufeff").splitlines()
    if not lines or lines[0].strip() != "---":
        return "", ""
    values: dict[str, str] = {}
    key = ""
    for line in lines[1:200]:
        if line.strip() == "---":
            name, description = values.get("name", ""), values.get("description", "")
            return name, " ".join(description.split())[:1024]
        label, colon, rest = line.partition(":")
        if colon and label.strip() and not line[:1].isspace():
            key = label.strip().lower()
            values[key] = _unquoted(rest.strip())
        elif key and line.strip():
            values[key] = f"{values[key]} {line.strip()}".strip()
    return "", ""


def list_for(user: User) -> QuerySet[Skill]:
    return Skill.objects.filter(owner=user).order_by("name")


def save(user: User, text: str, *, skill_id: str = "") -> Skill:
    """Make a skill of its SKILL.md, or change one. Raises Refusal: invalid, limit, conflict."""
    text = storable(text).replace("\r\n", "\n").strip()
    name, description = parsed(text)
    if not NAME.fullmatch(name) or not description:
        raise Refusal(
            "A skill begins with its name and description.",
            "Begin with a line ---, then name: in-small-letters, description: when to use it, ---.",
            code="invalid",
        )
    if len(text) > TEXT_LIMIT:
        raise Refusal(
            f"The skill has {len(text):,} characters; {TEXT_LIMIT:,} is the limit.",
            "Shorten it.",
            code="limit",
        )
    values = {"name": name, "description": description, "text": text, "updated_at": timezone.now()}
    try:
        with transaction.atomic():
            if not skill_id:
                KEPT.check(user.pk)
                return Skill.objects.create(owner=user, **values)
            Skill.objects.filter(pk=get_for(user, skill_id).pk).update(**values)
    except IntegrityError as error:
        raise Refusal(
            f"You have a skill named {name} already.",
            "Change that one, or take another name.",
            code="conflict",
        ) from error
    return get_for(user, skill_id)


def get_for(user: User, skill_id: str) -> Skill:
    found = Skill.objects.filter(owner=user, pk=skill_id).first()
    if found is None:
        raise Refusal("There is no such skill.", "It may have been deleted.", code="not_found")
    return found


def delete(skill: Skill) -> None:
    skill.delete()


def _of_user(user: User) -> list[Found]:
    rows = list_for(user).values_list("name", "description", "pk")[:LISTED]
    return [Found(name, description, "user", pk) for name, description, pk in rows]


def _of_operator() -> list[Found]:
    root = settings.SKILLS_DIR
    if not root:
        return []
    found = []
    try:
        folders = sorted(path for path in Path(root).iterdir() if path.is_dir())[:LISTED]
    except OSError as error:
        logger.warning("VIBE_SKILLS_DIR cannot be read: %s", error.strerror)
        return []
    for folder in folders:
        try:
            head = _host_file(folder, FILE)[:8_000].decode(errors="replace")
        except Refusal:
            continue
        found += _named(head, folder.name, "operator", str(folder))
    return found


def _of_workspace(sandbox: Sandbox) -> list[Found]:
    found: list[Found] = []
    for root in FOLDERS:
        try:
            entries, _ = files.list_files(sandbox, root, LISTED * 4, depth=1, everything=True)
            folders = sorted(entry.path for entry in entries if entry.kind == "dir")
            for folder in folders[:LISTED]:
                head = _workspace_file(sandbox, folder, FILE)[:8_000].decode(errors="replace")
                found += _named(head, folder.rpartition("/")[2], "workspace", folder)
        except Refusal:
            continue
        except Exception:
            logger.exception("Skills of sandbox %s cannot be read", sandbox.pk)
    return found


def _named(head: str, folder: str, origin: str, place: str) -> list[Found]:
    name, description = parsed(head)
    name = name or folder
    if not NAME.fullmatch(name) or not description:
        return []
    return [Found(name, storable(description), origin, place)]


def _host_file(folder: Path, name: str) -> bytes:
    try:
        path = (folder / name).resolve(strict=True)
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise OSError
        with path.open("rb") as file:
            return file.read(BYTES_LIMIT)
    except (OSError, ValueError) as error:
        raise Refusal(f"The skill has no file {name!r}.", "", code="not_found") from error


def _workspace_file(sandbox: Sandbox | None, folder: str, name: str) -> bytes:
    parts = name.split("/")
    if sandbox is None or ".." in parts or name.startswith("/") or "\x00" in name:
        raise Refusal(f"The skill has no file {name!r}.", "", code="not_found")
    return files.read_file(sandbox, f"{folder}/{name}", BYTES_LIMIT)


def _body(text: str) -> str:
    """The text behind the front matter."""
    if not text.lstrip("\ufeff").startswith("---"):
        return text
    rest = text.partition("\n")[2]
    match = re.search(r"^---[ \t]*$", rest, re.MULTILINE)
    return rest[match.end() :].strip() if match else text


def _unquoted(text: str) -> str:
    if text in (">", "|", ">-", "|-"):
        return ""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
