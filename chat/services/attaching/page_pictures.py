"""Pictures of an app that a model has asked for: kept like attachments of the turn's answer."""

from __future__ import annotations

from chat.models import Attachment
from chat.services.attaching import server_pictures
from sandboxes.services import page_visits
from vibe.accounts.models import User
from vibe.refusal import Refusal


def keep(owner: User, turn_id: str, visit_id: str) -> Attachment | None:
    """The picture of a visit as an attachment; None where there is none, or no room for it."""
    try:
        data = page_visits.picture(owner, visit_id, "page")
    except Refusal:
        return None
    kept, _ = server_pictures.keep(owner, turn_id, "page", [("image/jpeg", data)])
    return kept[0] if kept else None
