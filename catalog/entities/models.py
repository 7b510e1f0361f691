"""Entities as they are served, the relations between them, and how many there are of what."""

from __future__ import annotations

import json
import uuid
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from portal.lib.arrays import BigIntegerArrayField


class Entity(models.Model):
    """One thing that the company has.

    ``served`` is the JSON that goes out, made when the entity or its relations change and never when it is read.
    ``terms``, ``facts`` and ``written`` are what filters, orders and facets ask (see ``indexing``), ``counted`` the
    ``key=value`` pairs that ``FacetCount`` has counted for it, ``words`` its names and description in lower case. The
    columns from ``title`` on repeat what lists show. ``digest`` tells whether what the source says has changed.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ref = models.TextField(db_collation="C")
    kind = models.TextField()
    namespace = models.TextField()
    name = models.TextField()
    kind_key = models.TextField(db_collation="C")
    name_key = models.TextField(db_collation="C")
    space = models.ForeignKey("spaces.Space", on_delete=models.PROTECT, related_name="entities")
    location = models.ForeignKey(
        "ingestion.Location", null=True, blank=True, on_delete=models.PROTECT, related_name="entities"
    )
    parent_ref = models.TextField(blank=True, db_collation="C")
    address = models.TextField(blank=True)
    document = models.PositiveIntegerField(default=0)
    line = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=40)
    etag = models.CharField(max_length=255)
    served = models.TextField()
    errors = ArrayField(models.TextField(), default=list)
    is_orphan = models.BooleanField(default=False)
    title = models.TextField(blank=True)
    description = models.TextField(blank=True)
    type = models.TextField(blank=True)
    lifecycle = models.TextField(blank=True)
    owner_ref = models.TextField(blank=True, db_collation="C")
    system_ref = models.TextField(blank=True, db_collation="C")
    tags = ArrayField(models.TextField(), default=list)
    words = models.TextField(blank=True)
    counted = ArrayField(models.TextField(), default=list)
    terms = BigIntegerArrayField(default=list)
    facts = models.JSONField(default=dict)
    written = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "entities_entity"
        verbose_name = "entity"
        verbose_name_plural = "entities"
        default_permissions = ()
        permissions = [
            ("entity:read", "See the entity"),
            ("entity:refresh", "Read the entity again"),
            ("entity:delete", "Delete the entity"),
        ]
        # A constraint, since a unique text field would get a second index for patterns that nobody asks for.
        constraints = [models.UniqueConstraint(fields=["ref"], name="entities_ref")]
        indexes = [
            models.Index(fields=["kind_key", "name_key", "id"], name="entities_kind_name"),
            models.Index(fields=["name_key", "id"], name="entities_name"),
            models.Index(fields=["space", "kind_key"], name="entities_space_kind"),
            models.Index(fields=["owner_ref"], name="entities_owner"),
            GinIndex(fields=["terms"], name="entities_terms"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def label(self) -> str:
        """What people call it."""
        return self.title or self.name

    @cached_property
    def content(self) -> dict[str, Any]:
        """``served``, read once for a page that needs several of its parts. Not to be changed."""
        found: dict[str, Any] = json.loads(self.served)
        return found


class EntityUserPermission(UserObjectPermissionBase):
    """A person's grant on one entity."""

    content_object = models.ForeignKey(Entity, on_delete=models.CASCADE)


class EntityGroupPermission(GroupObjectPermissionBase):
    """A group's grant on one entity."""

    content_object = models.ForeignKey(Entity, on_delete=models.CASCADE)


class Relation(models.Model):
    """``source`` has the relation ``type`` to ``target``, because ``origin`` says so. Neither end need exist."""

    origin = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="emitted")
    source = models.TextField(db_collation="C")
    type = models.TextField()
    target = models.TextField(db_collation="C")

    class Meta:
        db_table = "entities_relation"
        indexes = [models.Index(fields=["source"], name="entities_relation_source")]

    def __str__(self) -> str:
        return f"{self.source} {self.type} {self.target}"


class Waiting(models.Model):
    """A reference whose entity has got other relations and is to be served anew at the end of a long reading."""

    ref = models.TextField(primary_key=True, db_collation="C")

    class Meta:
        db_table = "entities_waiting"

    def __str__(self) -> str:
        return self.ref


class FacetCount(models.Model):
    """How many entities of a kind in a space have ``value`` under ``key``; kept with every write, for some keys."""

    space = models.ForeignKey("spaces.Space", on_delete=models.CASCADE, related_name="+")
    kind_key = models.TextField(db_collation="C")
    key = models.TextField(db_collation="C")
    value = models.TextField(db_collation="C")
    count = models.IntegerField()

    class Meta:
        db_table = "entities_facet_count"
        constraints = [
            models.UniqueConstraint(fields=["key", "kind_key", "space", "value"], name="entities_facet_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}: {self.count}"
