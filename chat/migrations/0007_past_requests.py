"""Turns of before: what they took as one request each, so that sums hold them too."""

from django.db import migrations
from django.utils import timezone

FREE = "demo"
BATCH = 1000


def write(apps, schema_editor):
    Turn, ModelRequest = (apps.get_model("chat", name) for name in ("Turn", "ModelRequest"))
    rows = []
    turns = Turn.objects.filter(requests__gt=0).select_related("conversation")
    for turn in turns.only(
        "model",
        "input_tokens",
        "output_tokens",
        "requests",
        "created_at",
        "finished_at",
        "conversation__owner",
    ).iterator(chunk_size=BATCH):
        rows.append(
            ModelRequest(
                owner_id=turn.conversation.owner_id,
                conversation_id=turn.conversation_id,
                turn_id=turn.pk,
                model=turn.model,
                outcome="completed",
                day=timezone.localtime(turn.created_at).date(),
                started_at=turn.created_at,
                finished_at=turn.finished_at or turn.created_at,
                attempts=turn.requests,
                input_tokens=turn.input_tokens,
                output_tokens=turn.output_tokens,
                # What others cost then nobody wrote down.
                cost=0 if turn.model == FREE else None,
            )
        )
        if len(rows) >= BATCH:
            ModelRequest.objects.bulk_create(rows)
            rows.clear()
    ModelRequest.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("chat", "0006_spending")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
