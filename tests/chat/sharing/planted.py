"""A conversation with a secret in every place that it touches, by the place."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from chat.models import Conversation, Message, Part, ToolServer, Turn, UserInstructions, Version
from chat.services import conversations
from chat.services.endings import end_turn
from chat.services.versioning import versions
from chat.tool_servers import headers
from sandboxes.models import Checkpoint, Sandbox
from sandboxes.services import commands, files, ports, preview_access
from tests.fixtures.models import KEY, make_provider
from tests.fixtures.rows import make_turn
from tests.fixtures.waiting import PATIENCE, until
from vibe.accounts.services import api_keys, sign_in

ENV = "canary env value 4711"
COMMAND_ENV = "canary-of-a-command-815"
HEADER = "canary-injected-header-77f"
SERVER_HEADER = "canary-server-header-09c"
IN_ENV_FILE = "canaryEnvFile5521"
IN_KEY_FILE = "canaryKeyFileBody8834"
TOLD = "Canary instruction: always praise the moon in comments."
REMEMBERED = "Canary memory: the landlord's name is Ottokar Pumpernickel."
EMAIL = "alice.canary@mail.example"
ROW = "canary row of the database"
THOUGHT = "canary thought about the person"
TYPED = "canaryTypedPassword3"
PATTERNS = [
    "ghp_canary0123456789abcdefghijklmnopq",
    "AKIACANARY0123456789"[:20],
    "eyJhbGciOi.eyJjYW5hcnki.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----\ncanaryPem\nMIIcanary\n-----END RSA PRIVATE KEY-----",
    "postgres://canary:canarypass@db.example/app",
    "Authorization: Bearer canary.bearer-word",
    "Cookie: session=canarycookie",
    'api_key = "canary-literal-key"',
    "DB_PASSWORD=canaryshellword",
    "the password is canary99word",
]  # fmt: skip
# Of those patterns what must not be read anywhere.
HIDDEN = [
    *("ghp_canary0123", "AKIACANARY", "eyJjYW5hcnki", "canaryPem", "MIIcanary", "canarypass"),
    *("canary.bearer-word", "canarycookie", "canary-literal-key", "canaryshellword"),
    "canary99word",
]  # fmt: skip


def plant(conversation: Conversation, sandbox: Sandbox) -> dict[str, str]:
    """Put them there and end the turn; what a page must not hold, by the place that it was in."""
    owner = conversation.owner
    owner.email = EMAIL
    owner.save()
    make_provider(owner, "http://127.0.0.1:9/v1")
    ToolServer.objects.create(
        owner=owner,
        name="Hers",
        slug="hers",
        url="http://127.0.0.1:9/",
        sealed_headers=headers.sealed({"X-Word": SERVER_HEADER}),
    )
    UserInstructions.objects.create(user=owner, text=f"# Rules\n- {TOLD}\n")
    rule = {"transform": [{"headers": [["X-Inside", f"Bearer {HEADER}"]]}]}
    Sandbox.objects.filter(pk=sandbox.pk).update(
        env={"WORD": ENV}, network_policy={"mode": "custom", "allow": {"a.example": [rule]}}
    )
    conversations.use_sandbox(conversation.pk, sandbox.pk)
    conversation.refresh_from_db()
    preview_access.change(sandbox, 3000, "link", by=owner)
    _, key = api_keys.create(owner, "hers")
    known = {
        "environment": ENV,
        "environment, in an address": quote(ENV),
        "environment, in base64": base64.b64encode(ENV.encode()).decode(),
        "environment of a command": COMMAND_ENV,
        "header that the proxy puts in": HEADER,
        "header of a server of tools": SERVER_HEADER,
        "key of a provider": KEY,
        "key of the API": key,
        "sign-in link": sign_in.link_for(owner, "").rstrip("/").rpartition("/")[2],
        "link of a preview": preview_access.link(sandbox, 3000).rpartition("/")[2],
        "id of the sandbox": sandbox.pk,
        "path of the host": str(settings.DATA_DIR),
        "address of the owner": EMAIL,
        "file of settings": IN_ENV_FILE,
        "file of a key": IN_KEY_FILE,
        "instructions": TOLD,
        "memory": REMEMBERED,
    }
    said = "\n\n".join([*known.values(), *PATTERNS, ports.url(sandbox, 3000)])
    said += f"\n\n/sign-in/{known['sign-in link']}/ {preview_access.link(sandbox, 3000)}"
    _turn(conversation, sandbox, said)
    only_there = {"data of the app": ROW, "thoughts": THOUGHT, "what was typed": TYPED}
    return {**known, **only_there, **{f"form {word}": word for word in HIDDEN}}


def _turn(conversation: Conversation, sandbox: Sandbox, said: str) -> None:
    """One turn that says all of it in every kind of part, in files and in output."""
    turn = make_turn(conversation, status="running")
    content = said.encode()
    written = [
        (".env", f"export API_TOKEN='{IN_ENV_FILE}'\nMODE=production\n".encode()),
        ("deploy.pem", f"-----BEGIN PRIVATE KEY-----\n{IN_KEY_FILE}\n".encode()),
        ("AGENTS.md", f"## Remembered\n\n- {REMEMBERED}\n".encode()),
        ("app.db", f"SQLite format 3\x00{ROW}".encode()),
        ("index.html", b"<h1>Hello, plain reader</h1>\n"),
        ("leaky.txt", content),
    ]
    files.write_files(sandbox, written)
    script = "cat leaky.txt; cat .env AGENTS.md; echo $CANARY; echo plain output"
    command = commands.run(sandbox, "sh", ["-c", script, said], env={"CANARY": COMMAND_ENV})
    commands.wait(command, PATIENCE)
    answer = turn.messages.get(role=Message.Role.ASSISTANT)
    turn.messages.get(role="user").parts.update(text=f"Build it.\n{said}")
    diff = "@@ -0,0 +1,9 @@\n" + "\n".join(f"+{line}" for line in said.splitlines())
    tail = {"tail": f"{said}\nplain tail"}
    changed = [
        {"path": name, "added": 1, "removed": 0, "diff": f"@@ -0,0 +1 @@\n+{text.decode()}"}
        for name, text in written[:3]
    ]
    changed.append({"path": "leaky.txt", "added": 9, "removed": 0, "diff": diff})
    steps = [{"text": said, "done": False}]
    asked = {"answers": [{"question": said, "answer": said}]}
    calls = [
        ("write_files", {"files": changed}, {}),
        ("run_command", tail, {"command": command}),
        ("run_command", tail, {"arguments": {"command": "sh", "args": ["-c", said]}}),
        ("send_input", tail, {"arguments": {"text": TYPED}}),
        ("hers__look", {"text": said}, {"arguments": {"password": TYPED, "all": said}}),
        ("ask_user", asked, {}),
        ("propose_plan", {"decision": "build", "steps": steps, "title": said}, {}),
        ("get_sandbox_url", {"port": 3000, "url": ports.url(sandbox, 3000)}, {}),
        ("made_up", {"message": said, "hint": said, "text": said}, {"state": "failed"}),
        (said[:80], {}, {}),
    ]
    rows = [
        Part(kind="reasoning", state="done", text=f"{THOUGHT} {said}"),
        Part(kind="summary", state="done", text=f"{THOUGHT} {said}"),
        Part(kind="note", state="done", text=said),
        Part(kind="error", state="done", result={"title": said, "detail": said}),
        *(
            Part(kind="tool_call", tool=tool, result=result, **{"state": "done", **more})
            for tool, result, more in calls
        ),
        Part(
            kind="text", state="done", text=f"All done, plainly said.\n\n{said}\n\n```\n{said}\n```"
        ),
    ]
    for position, row in enumerate(rows, 1):
        row.message, row.position = answer, position
        row.save()
    Conversation.objects.filter(pk=conversation.pk).update(title=f"An app {said}"[:200])
    assert end_turn(turn.pk, Turn.Status.COMPLETED)
    version = Version.objects.get(turn=turn)
    until(lambda: not Checkpoint.objects.get(pk=version.checkpoint_id).is_pending)
    versions.number_settled(conversation)
    conversation.refresh_from_db()


def text_of(path: Path) -> str:
    """Whatever a file holds, as text."""
    return path.read_bytes().decode("utf-8", "replace")
