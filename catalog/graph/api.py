"""``/api/v1/entities/{uid}/graph``: the neighbourhood of an entity as nodes and edges."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.entities.models import Entity
from catalog.graph.asking import DEEPEST, Direction, question_from
from catalog.graph.walking import MOST_NODES, walk
from portal.accounts.middleware import subject_of
from portal.spaces import access


class GraphNodeSerializer(serializers.Serializer[Any]):
    """An entity of the graph."""

    ref = serializers.CharField()
    uid = serializers.UUIDField()
    kind = serializers.CharField()
    label = serializers.CharField(help_text="Its title, else its name.")  # type: ignore[assignment]
    type = serializers.CharField(allow_blank=True)
    url = serializers.CharField(help_text="The address of its page.")
    depth = serializers.IntegerField(help_text="How many relations it is away.")
    more = serializers.IntegerField(help_text="How many of its neighbours are left out, counted up to 1,000.")


class GraphEdgeSerializer(serializers.Serializer[Any]):
    """A relation of the graph."""

    source = serializers.CharField()  # type: ignore[assignment]
    type = serializers.CharField()
    target = serializers.CharField()


class GraphSerializer(serializers.Serializer[Any]):
    """What was found around an entity."""

    root = serializers.CharField()  # type: ignore[assignment]
    nodes = GraphNodeSerializer(many=True)
    edges = GraphEdgeSerializer(many=True)
    is_cut = serializers.BooleanField(help_text=f"There is more; at most {MOST_NODES} nodes are given.")


class EntityGraphView(APIView):
    """The relation graph."""

    @extend_schema(
        parameters=[
            OpenApiParameter("uid", OpenApiTypes.UUID, OpenApiParameter.PATH),
            OpenApiParameter("depth", int, description=f"1 to {DEEPEST}; 1 where it is not given."),
            OpenApiParameter("direction", str, enum=[str(way) for way in Direction]),
            OpenApiParameter("relation", str, many=True, description="Relations to follow, such as dependsOn."),
            OpenApiParameter("kind", str, many=True, description="Kinds to go through and show."),
        ],
        responses=GraphSerializer,
    )
    def get(self, request: Request, uid: str) -> Response:
        """What is related to the entity, and what to that, as far as you may see it."""
        subject = subject_of(request._request)
        entity = access.get_for(subject, Entity.objects.all(), uid=uid)
        return Response(GraphSerializer(walk(subject, entity, question_from(request._request.GET))).data)
