"""``/api/v1/grants``: who has what on one thing, share it, take it back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.middleware import subject_of
from portal.explain.questions import find
from portal.sharing.services import GRANTEE_KINDS, grants_on, share, unshare
from portal.spaces.querysets import subject_named

_OBJECT = OpenApiParameter("object", str, required=True, description="For example stack:network.")
_WHO = OpenApiParameter("who", str, required=True, description="user:NAME or group:NAME.")


class SharedWithSerializer(serializers.Serializer[Any]):
    """What somebody was granted."""

    kind = serializers.ChoiceField(choices=GRANTEE_KINDS)
    name = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())


class ShareSerializer(serializers.Serializer[Any]):
    """Who is to get what."""

    who = serializers.CharField(max_length=160, help_text="user:NAME or group:NAME.")
    permissions = serializers.ListField(child=serializers.CharField(max_length=60), max_length=50)


class GrantsView(APIView):
    """Grants on one thing; all of it needs ``binding:manage`` in the thing's space."""

    @extend_schema(parameters=[_OBJECT], responses=SharedWithSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Who has what on the thing."""
        subject = subject_of(request._request)
        obj = find(subject, request.query_params.get("object", ""))
        return Response(SharedWithSerializer(grants_on(subject, obj), many=True).data)

    @extend_schema(parameters=[_OBJECT], request=ShareSerializer, responses={201: SharedWithSerializer(many=True)})
    def post(self, request: Request) -> Response:
        """Share the thing. Nobody grants what they do not have."""
        subject = subject_of(request._request)
        obj = find(subject, request.query_params.get("object", ""))
        asked = ShareSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        named: Any = subject_named(asked.validated_data["who"])
        share(subject=subject, obj=obj, permissions=asked.validated_data["permissions"], **named)
        return Response(SharedWithSerializer(grants_on(subject, obj), many=True).data, status=201)

    @extend_schema(parameters=[_OBJECT, _WHO], responses={204: None})
    def delete(self, request: Request) -> Response:
        """Take back everything that somebody was granted on the thing."""
        subject = subject_of(request._request)
        obj = find(subject, request.query_params.get("object", ""))
        named: Any = subject_named(request.query_params.get("who", ""))
        unshare(subject=subject, obj=obj, **named)
        return Response(status=204)
