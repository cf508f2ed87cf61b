"""Output that is kept: rows of bytes, addressed by offset and by line."""

from __future__ import annotations

from django.db import models

from sandboxes.models.command import Command


class LogChunk(models.Model):
    """A piece of a command's output.

    Both streams share one byte space: `offset` counts the bytes of the command in the order in
    which they were read, so one number is the cursor of a reader.
    """

    class Stream(models.IntegerChoices):
        STDOUT = 1, "stdout"
        STDERR = 2, "stderr"

    command = models.ForeignKey(Command, on_delete=models.CASCADE, related_name="chunks")
    stream = models.PositiveSmallIntegerField(choices=Stream)
    offset = models.BigIntegerField()
    first_line = models.BigIntegerField()
    line_count = models.IntegerField()
    data = models.BinaryField()
    written_at = models.DateTimeField(null=True, help_text="When its first byte was read.")

    class Meta:
        ordering = ["command", "offset"]
        constraints = [models.UniqueConstraint(fields=["command", "offset"], name="log_chunk_once")]

    def __str__(self) -> str:
        return f"{self.command_id} at {self.offset}"
