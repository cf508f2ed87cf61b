"""The bytes of an attachment as an answer that does nothing on the platform's origin."""

from __future__ import annotations

from urllib.parse import quote

from django.http.response import HttpResponseBase

from chat.models import Attachment
from chat.services.attaching import attachments
from sandboxes import transfers
from vibe.accounts.services.rights import Subject

# Of what is never shown, not even by a browser that looks at the bytes.
UNSHOWN = "application/octet-stream"


def of(attachment: Attachment) -> HttpResponseBase:
    """Pictures are shown; everything else is saved, so that no page or script of a stranger runs.

    Raises Refusal(not_found) when the bytes are gone.
    """
    shown = attachment.is_picture
    response = transfers.made_as_file(
        attachments.content(attachment),
        "attachment",
        attachment.media_type if shown else UNSHOWN,
        Subject(attachment.pk, attachments.owners),
    )
    kind = "inline" if shown else "attachment"
    name = quote(attachment.name, safe="")
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{name}"
    response["Content-Length"] = str(attachment.size)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
