"""What a worker holds while it works: a lease that ends by itself, and a fencing token that outdated workers lack."""

from __future__ import annotations

from django.db import models


class Claimable(models.Model):
    """A row that one worker at a time works on.

    ``fence`` grows with every claim; a write that names an older fence is refused. ``version`` grows with every change
    of state, which is compare-and-set on (state, version).
    """

    version = models.PositiveIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
