"""Links to conversations: made, listed, ended, and found by what they end with.

A link shows the conversation as it was when the link was made. Its word is a secret that is kept
as a digest alone, so it can be shown once. It ends by itself, when its owner ends it, is switched
off or deletes the conversation, and when the operator switches links off. An archived conversation
is out of a list and nothing else: its links stay.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chat.models import Conversation, Share, Turn
from sandboxes.models import SandboxEvent
from sandboxes.news import event_log
from vibe.accounts.models import User
from vibe.refusal import Refusal

DAY = 86_400
MOST_OPEN = 20
MOST_KEPT = 500
# Of token_urlsafe(32).
LENGTH = 43


def create(
    conversation: Conversation,
    by: User,
    *,
    expires_in: int,
    may_remix: bool = False,
    with_data: bool = False,
) -> tuple[Share, str]:
    """A new link to the conversation as it is now, and the word that it ends with. `expires_in` in
    seconds. Raises Refusal."""
    if not settings.SHARE_LINKS:
        raise Refusal(
            "Conversations cannot be shared by link here.", "The operator has switched it off."
        )
    longest = settings.SHARE_LINK_DAYS * DAY
    if not 0 < expires_in <= longest:
        raise Refusal(
            "A link cannot live that long.", f"Give 1 to {longest} seconds.", code="invalid"
        )
    if with_data and not may_remix:
        raise Refusal("Data goes along with a remix only.", "Allow remixes too.", code="invalid")
    word = secrets.token_urlsafe(32)
    with transaction.atomic():
        # Of two at once one waits.
        Conversation.objects.select_for_update().get(pk=conversation.pk)
        _check_room(conversation)
        share = Share.objects.create(
            conversation=conversation,
            token_hash=_digest(word),
            may_remix=may_remix,
            with_data=with_data,
            created_by=by,
            expires_at=timezone.now() + timedelta(seconds=expires_in),
        )
        extra = " Others may remix it" if may_remix else ""
        extra += ", with the app's data." if with_data else "." if extra else ""
        until = f"{share.expires_at:%Y-%m-%d %H:%M} UTC"
        _record(share, by, f"{by} shared the conversation by a link until {until}.{extra}")
    return share, word


def revoke(share: Share, by: User) -> Share:
    """End the link at once. One that has ended stays as it is."""
    with transaction.atomic():
        changed = Share.objects.filter(pk=share.pk, revoked_at=None).update(
            revoked_at=timezone.now(), revoked_by=by
        )
        share.refresh_from_db()
        if changed:
            _record(share, by, f"{by} ended a link to the conversation.")
    return share


def list_for(conversation: Conversation) -> QuerySet[Share]:
    """All that were made, the newest first; those too that have ended."""
    return Share.objects.filter(conversation=conversation)


def open_for(conversation: Conversation) -> int:
    """How many can be read by now."""
    return list_for(conversation).filter(revoked_at=None, expires_at__gt=timezone.now()).count()


def get_for(user: User, share_id: str) -> Share:
    """A link of the user's; Refusal(not_found) also for somebody else's."""
    found = Share.objects.select_related("conversation__sandbox").filter(
        pk=share_id, conversation__owner=user
    )
    if (share := found.first()) is None:
        raise Refusal("There is no such link.", "List yours to see what there is.", "not_found")
    return share


def find(word: str) -> Share:
    """The open link that ends with this word. Raises Refusal, which does not say whether there
    ever was one."""
    digest = _digest(word) if settings.SHARE_LINKS and len(word) == LENGTH else ""
    share = (
        Share.objects.select_related("conversation__owner", "conversation__sandbox")
        .filter(token_hash=digest, conversation__owner__is_active=True)
        .first()
    )
    if (
        share is None
        or not constant_time_compare(share.token_hash, digest)
        or share.status != "open"
    ):
        raise Refusal(
            "There is nothing to see at this link.",
            "It has expired or was taken back, or it is not complete. Ask whoever gave it to you.",
            code="not_found",
        )
    return share


def address(word: str) -> str:
    """What is given to others."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("chat:shared", args=[word])


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode("utf-8", "replace")).hexdigest()


def _check_room(conversation: Conversation) -> None:
    if not conversation.turns.exclude(status__in=Turn.ACTIVE).exists():
        raise Refusal(
            "There is nothing to show yet.", "Share it once a turn has ended.", code="conflict"
        )
    if open_for(conversation) >= MOST_OPEN or list_for(conversation).count() >= MOST_KEPT:
        raise Refusal(
            f"A conversation has at most {MOST_OPEN} links at once, and {MOST_KEPT} in all.",
            "End one that nobody needs.",
            code="limit",
        )


def _record(share: Share, by: User, text: str) -> None:
    """In the event log of its sandbox, as what changes who enters a preview. Without a sandbox the
    link's own row tells."""
    sandbox = share.conversation.sandbox
    if sandbox is not None:
        event_log.record(
            sandbox,
            SandboxEvent.Kind.ACCESS,
            text,
            share=share.pk,
            conversation=share.conversation_id,
            status=share.status,
            remix=share.may_remix,
            data=share.with_data,
            until=share.expires_at.isoformat(),
            by=by.get_username(),
        )
