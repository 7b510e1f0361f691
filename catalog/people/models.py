"""The order of the rules by which accounts and entities are linked, where admins have set one."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Rule(models.TextChoices):
    """How an entity says whose it is."""

    ANNOTATION = "annotation", "annotation"
    EMAIL = "email", "e-mail"
    NAME = "name", "name"


class RuleOrder(models.Model):
    """The one row of the installation; without it the setting ``PEOPLE_RULES`` holds."""

    rules = ArrayField(models.CharField(max_length=10, choices=Rule.choices), default=list, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "people_rule_order"
        verbose_name = "order of the rules for links with the catalog"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="people_rule_order_is_one")]

    def __str__(self) -> str:
        return ", ".join(self.rules) or "no rule"
