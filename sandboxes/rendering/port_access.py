"""Who may enter a port's preview, as pages show it: a word, an icon, a sentence, the link."""

from __future__ import annotations

from typing import Any

from sandboxes.models import Sandbox
from sandboxes.services import ports, preview_access, preview_rules
from sandboxes.services.preview_rules import Access, Rule

# Of each access: word, icon, sentence.
CHOICES = {
    Access.PRIVATE: ("Private", "lock", "Only you, while you are signed in."),
    Access.LINK: ("By link", "link", "Whoever has the link, without signing in."),
    Access.TEAM: ("Team", "users", "Everybody who is signed in to this Vibe."),
    Access.PUBLIC: ("Public", "globe", "Anybody who has the address."),
}
# Seconds and words of the times after which it is private again.
TIMES = ((3600, "in an hour"), (86_400, "in a day"), (604_800, "in a week"), (0, "never"))


def state_of(rule: Rule) -> dict[str, str]:
    word, icon, sentence = CHOICES[Access(rule.now)]
    if rule.now == Access.LINK and not rule.nonce:
        sentence = "Whoever has the address: it is this sandbox's link."
    return {"access": rule.now, "word": word, "icon": icon, "sentence": sentence}


def access_view(sandbox: Sandbox, port: int) -> dict[str, Any]:
    """Context of the share menu and of its page."""
    rule = preview_rules.rule_of(sandbox, port)
    return {
        "sandbox": sandbox,
        "port": port,
        "rule": rule,
        "state": state_of(rule),
        "link": preview_access.link(sandbox, port, rule),
        "address": ports.url(sandbox, port),
        "choices": [(name, *said) for name, said in CHOICES.items()],
        "times": TIMES,
    }
