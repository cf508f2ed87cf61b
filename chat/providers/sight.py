"""Which models see images."""

from __future__ import annotations

from chat.models import LanguageModel
from chat.providers.capabilities import guessed
from chat.providers.recordings import is_recorded
from chat.providers.wires import Wire


def sees_images(model_id: str) -> bool:
    """Whether images can be sent to the model of this id: as its owner says, else by its name; in
    doubt not, since a model that does not take them refuses the whole request."""
    provider, _, name = model_id.partition(":")
    if not name or is_recorded(model_id):
        return False
    row = LanguageModel.objects.filter(shown_id=model_id).only("sees_images").first()
    if row is not None:
        return row.sees_images
    wire = Wire.ANTHROPIC if provider == "anthropic" else Wire.OPENAI_CHAT
    return guessed(wire, name).sees_images
