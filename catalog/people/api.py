"""``/api/v1/people/me``: who one is in the catalog; ``/api/v1/catalog-links``: all links and their rules."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.people.models import Rule
from catalog.people.ownership import identity_of
from catalog.people.policies import check_manage
from catalog.people.reading import GROUP, USER
from catalog.people.rules import current_rules, is_default, reset_rules, set_rules
from catalog.people.shown import STATES, rows_for
from portal.accounts.middleware import subject_of

KINDS = (USER, GROUP)


class CatalogIdentitySerializer(serializers.Serializer[Any]):
    """Oneself in the catalog."""

    user_ref = serializers.CharField(allow_null=True)
    rule = serializers.ChoiceField(choices=Rule.choices, allow_null=True, help_text="By which the entity was found.")
    ownership_refs = serializers.ListField(
        child=serializers.CharField(), help_text="The user and all groups, through any number of steps."
    )


class CatalogLinkSerializer(serializers.Serializer[Any]):
    """Accounts or groups, entities, and whether they belong together."""

    state = serializers.ChoiceField(choices=STATES)
    names = serializers.SerializerMethodField(help_text="Usernames, or names of groups.")
    entity_refs = serializers.ListField(child=serializers.CharField(), source="refs")
    rule = serializers.ChoiceField(choices=Rule.choices, allow_null=True)
    reason = serializers.CharField(allow_blank=True)

    def get_names(self, row: Any) -> list[str]:
        """Of accounts or groups."""
        return [holder.name for holder in row.holders]


class CatalogLinksSerializer(serializers.Serializer[Any]):
    """A part of all rows."""

    total = serializers.IntegerField()
    results = CatalogLinkSerializer(many=True)


class LinksQuery(serializers.Serializer[Any]):
    """Which rows."""

    kind = serializers.ChoiceField(choices=KINDS, default=USER)
    state = serializers.ChoiceField(choices=STATES, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=100)
    offset = serializers.IntegerField(min_value=0, max_value=10_000_000, default=0)


class CatalogLinkRulesSerializer(serializers.Serializer[Any]):
    """The rules, the strongest first."""

    rules = serializers.ListField(child=serializers.ChoiceField(choices=Rule.choices), max_length=len(Rule))
    is_default = serializers.BooleanField(read_only=True, help_text="They are those of the settings.")


class MeView(APIView):
    """Who one is in the catalog."""

    @extend_schema(responses=CatalogIdentitySerializer)
    def get(self, request: Request) -> Response:
        """The own User entity and everything that one owns things under, as far as one may see it."""
        found = identity_of(subject_of(request._request))
        return Response(
            {
                "user_ref": found.user_ref or None,
                "rule": found.link.rule if found.link else None,
                "ownership_refs": list(found.refs),
            }
        )


class LinksView(APIView):
    """All links. Needs ``user:manage`` at root."""

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=KINDS, default=USER),
            OpenApiParameter("state", str, enum=STATES),
            OpenApiParameter("limit", int, default=100, description="At most 1000."),
            OpenApiParameter("offset", int, default=0),
        ],
        responses=CatalogLinksSerializer,
    )
    def get(self, request: Request) -> Response:
        """Links, clashes, and who and what is linked to nothing."""
        subject = subject_of(request._request)
        check_manage(subject)
        query = LinksQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        rows = [row for row in rows_for(subject, asked["kind"]) if row.state == asked.get("state", row.state)]
        part = rows[asked["offset"] : asked["offset"] + asked["limit"]]
        return Response(CatalogLinksSerializer({"total": len(rows), "results": part}).data)


class RulesView(APIView):
    """The rules of links. Needs ``user:manage`` at root."""

    def _answer(self) -> Response:
        return Response(CatalogLinkRulesSerializer({"rules": current_rules(), "is_default": is_default()}).data)

    @extend_schema(responses=CatalogLinkRulesSerializer)
    def get(self, request: Request) -> Response:
        """The rules that hold now."""
        check_manage(subject_of(request._request))
        return self._answer()

    @extend_schema(request=CatalogLinkRulesSerializer, responses=CatalogLinkRulesSerializer)
    def put(self, request: Request) -> Response:
        """Set the rules, the strongest first; an empty list links nothing."""
        subject = subject_of(request._request)
        check_manage(subject)
        serializer = CatalogLinkRulesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        set_rules(subject=subject, rules=serializer.validated_data["rules"])
        return self._answer()

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Go back to the rules of the settings."""
        reset_rules(subject=subject_of(request._request))
        return Response(status=204)
