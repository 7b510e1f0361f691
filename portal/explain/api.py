"""``/api/v1/explain``: may X do A on O, and by which chain; and who may."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.middleware import subject_of
from portal.explain.chains import HOLDER_KINDS
from portal.explain.questions import ask, ask_who

_PERMISSION = OpenApiParameter("permission", str, required=True, description="For example run:confirm.")
_OBJECT = OpenApiParameter("object", str, required=True, description="For example space:stage or stack:network.")
_USER = OpenApiParameter("user", str, description="Username; yourself where not given.")


class ChainSerializer(serializers.Serializer[Any]):
    """One way to the permission."""

    way = serializers.ChoiceField(choices=["down", "up", "grant"])
    steps = serializers.ListField(child=serializers.CharField())
    binding = serializers.UUIDField(source="binding.uid", allow_null=True, default=None)


class AnswerSerializer(serializers.Serializer[Any]):
    """Whether, and why."""

    is_allowed = serializers.BooleanField()
    chains = ChainSerializer(many=True)
    refusal = serializers.CharField(allow_blank=True)
    givers = serializers.ListField(child=serializers.CharField())


class HolderSerializer(serializers.Serializer[Any]):
    """Somebody who has the permission."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=HOLDER_KINDS)
    steps = serializers.ListField(child=serializers.CharField())


class ExplainView(APIView):
    """May somebody do something on one object?"""

    @extend_schema(parameters=[_PERMISSION, _OBJECT, _USER], responses=AnswerSerializer)
    def get(self, request: Request) -> Response:
        """Everybody asks about themselves; whoever gives roles in the object's space asks about others."""
        asked = request.query_params
        answer = ask(
            subject_of(request._request), permission=asked.get("permission", ""), thing=asked.get("object", ""),
            username=asked.get("user", ""),
        )  # fmt: skip
        return Response(AnswerSerializer(answer).data)


class WhoView(APIView):
    """Who may do something on one object?"""

    @extend_schema(parameters=[_PERMISSION, _OBJECT], responses=HolderSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Everybody who may, and how. Needs ``binding:manage`` in the object's space."""
        asked = request.query_params
        holders = ask_who(
            subject_of(request._request), permission=asked.get("permission", ""), thing=asked.get("object", "")
        )
        return Response(HolderSerializer(holders, many=True).data)
