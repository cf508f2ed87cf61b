"""Caps on what may be spent on models, and the counters that are held against them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from typing_extensions import override

from chat.models.conversation import Conversation


class SpendingCap(models.Model):
    """Dollars that may be spent by one conversation, user or group, or by all; 0: nothing.

    Without a conversation, user or group it holds for each that has no cap of its own.
    """

    class Scope(models.TextChoices):
        CONVERSATION = "conversation", "conversation"
        USER = "user", "user"
        GROUP = "group", "group"
        PLATFORM = "platform", "platform"

    class Period(models.TextChoices):
        TOTAL = "total", "in all"
        DAY = "day", "a day"
        MONTH = "month", "a month"

    scope = models.CharField(max_length=12, choices=Scope)
    period = models.CharField(max_length=5, choices=Period)
    conversation = models.ForeignKey(
        Conversation,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="spending_caps",
        help_text="Empty: each conversation.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="spending_caps",
        help_text="Empty: each user.",
    )
    group = models.ForeignKey(
        Group,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="spending_caps",
        help_text="What its members spend together. Empty: each group.",
    )
    amount = models.DecimalField(
        "dollars",
        max_digits=14,
        decimal_places=4,
        validators=[MinValueValidator(0)],
        help_text="0: nothing may be spent; models that are free still work.",
    )
    unknown_price = models.DecimalField(
        "count models without a known price as",
        max_digits=14,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Dollars per million tokens. Empty: as VIBE_UNKNOWN_PRICE says, else such models "
        "are refused.",
    )
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["scope", "period", "id"]
        constraints = [
            models.UniqueConstraint(fields=["period", "conversation"], name="cap_of_conversation"),
            models.UniqueConstraint(fields=["period", "user"], name="cap_of_user"),
            models.UniqueConstraint(fields=["period", "group"], name="cap_of_group"),
            models.UniqueConstraint(
                fields=["scope", "period"],
                condition=models.Q(conversation=None, user=None, group=None),
                name="cap_of_each",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="spending_cap_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"${self.amount.normalize():f} {self.get_period_display()} for {self.whose}"

    @property
    def whose(self) -> str:
        """Whom it holds for, in words."""
        if self.scope == self.Scope.PLATFORM:
            return "the platform"
        one = self.conversation or self.user or self.group
        return f"the {self.scope} {one}" if one else f"each {self.scope}"

    @override
    def clean(self) -> None:
        """Only what fits the scope, and one for each."""
        super().clean()
        targets = {"conversation": self.conversation, "user": self.user, "group": self.group}
        for name, target in targets.items():
            if target is not None and name != self.scope:
                raise ValidationError({name: f"A cap of a {self.scope} has no {name}."})
        if self.scope == self.Scope.CONVERSATION and self.period != self.Period.TOTAL:
            raise ValidationError({"period": "A conversation's cap holds for it in all."})
        same = SpendingCap.objects.filter(scope=self.scope, period=self.period, **targets)
        if same.exclude(pk=self.pk).exists():
            raise ValidationError("There is such a cap already; change that one.")


class SpendingCounter(models.Model):
    """What a conversation, user, group or everybody has spent in a period, and has reserved.

    Billionths of a dollar: whole numbers, which every database adds up and compares exactly.
    """

    key = models.CharField(primary_key=True, max_length=80, editable=False)
    spent = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.key
