"""Trusts: which issuer is believed, about which jobs, and for how long what they get holds."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from portal.accounts.models import Workload
from portal.spaces.models import Space

LONGEST_TEXT = 300
MINUTES = (5, 720)


class Trust(models.Model):
    """Tokens of ``issuer`` for ``audience`` whose subject and claims fit are exchanged for tokens of ``workload``.

    The space is where the trust lives: whoever gives roles there manages it. What its jobs may do is said by the
    bindings of the workload, in whichever spaces.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100)
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="workload_trusts")
    workload = models.OneToOneField(Workload, on_delete=models.CASCADE, related_name="trust", editable=False)
    issuer = models.CharField(max_length=LONGEST_TEXT)
    audience = models.CharField(max_length=LONGEST_TEXT)
    subject_pattern = models.CharField(max_length=LONGEST_TEXT)
    claims = models.JSONField(default=dict, blank=True)
    token_minutes = models.PositiveSmallIntegerField(
        default=60, validators=[MinValueValidator(MINUTES[0]), MaxValueValidator(MINUTES[1])]
    )
    is_enabled = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "workloads_trust"
        ordering = ["name", "pk"]
        verbose_name = "workload trust"
        constraints = [models.UniqueConstraint(fields=["space", "name"], name="workloads_trust_name_once_in_a_space")]
        indexes = [models.Index(fields=["issuer", "audience"], name="workloads_trust_believed")]

    def __str__(self) -> str:
        return self.name

    @property
    def believed(self) -> tuple[str, str, str, dict[str, str]]:
        """Whom the trust believes about what. With a change of this the tokens given before are over."""
        return self.issuer, self.audience, self.subject_pattern, self.claims
