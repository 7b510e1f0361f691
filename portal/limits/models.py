"""The counters, and the table of the shared cache."""

from __future__ import annotations

from django.db import models


class Bucket(models.Model):
    """How far one key has used up its limit.

    ``free_at`` is the time at which all earlier tries are forgotten (the theoretical arrival time of the generic cell
    rate algorithm, ITU-T I.371): one timestamp per key says how many tries are left and when the next one is free.
    """

    key = models.CharField(primary_key=True, max_length=64)
    free_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "limits_bucket"

    def __str__(self) -> str:
        return f"{self.key} until {self.free_at}"
