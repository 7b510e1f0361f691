"""``/api/v1/login-policies``."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.stepping_up import require_fresh
from portal.api.routers import UUID
from portal.api.viewsets import PortalViewSet
from portal.lib.errors import Invalid
from portal.login_policies import services
from portal.login_policies.models import LoginPolicy
from portal.login_policies.policies import check_manage
from portal.login_policies.serializers import (
    NoticeSerializer,
    PolicySerializer,
    PolicyWriteSerializer,
    SampleSerializer,
    TrialSerializer,
    TrySerializer,
)
from portal.login_policies.trying import input_for, try_policy


class LoginPolicyViewSet(PortalViewSet):
    """Login policies. All of this needs ``login-policy:manage`` at root."""

    queryset = LoginPolicy.objects.none()
    serializer_class = PolicySerializer
    lookup_field = "uid"
    lookup_value_regex = UUID
    pagination_class = None

    def _own_session(self, request: Request) -> str | None:
        # SECURITY: with a token nobody sits in a browser, so no session is spared.
        return None if self.subject.is_by_token else request._request.session.session_key

    @extend_schema(responses=PolicySerializer(many=True))
    def list(self, request: Request) -> Response:
        """All login policies."""
        check_manage(self.subject)
        return Response(PolicySerializer(LoginPolicy.objects.all(), many=True).data)

    def retrieve(self, request: Request, uid: str) -> Response:
        """One login policy."""
        return Response(PolicySerializer(services.get_policy(self.subject, uid)).data)

    @extend_schema(request=PolicyWriteSerializer, responses={201: PolicySerializer})
    def create(self, request: Request) -> Response:
        """Add a login policy. If it is enabled, all other sessions end."""
        check_manage(self.subject)
        require_fresh(request._request)
        serializer = PolicyWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(serializer.validated_data)
        made = services.create_policy(subject=self.subject, keep=self._own_session(request), **values)
        return Response(PolicySerializer(made).data, status=201)

    @extend_schema(request=PolicyWriteSerializer, responses=PolicySerializer)
    def partial_update(self, request: Request, uid: str) -> Response:
        """Change a login policy; what is not named stays. If this changes who gets in, all other sessions end."""
        policy = services.get_policy(self.subject, uid)
        require_fresh(request._request)
        serializer = PolicyWriteSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(serializer.validated_data)
        services.update_policy(subject=self.subject, policy=policy, keep=self._own_session(request), **values)
        return Response(PolicySerializer(policy).data)

    def destroy(self, request: Request, uid: str) -> Response:
        """Delete a login policy. If it was enabled, all other sessions end."""
        policy = services.get_policy(self.subject, uid)
        require_fresh(request._request)
        services.delete_policy(subject=self.subject, policy=policy, keep=self._own_session(request))
        return Response(status=204)

    @extend_schema(request=TrySerializer, responses=TrialSerializer)
    @action(detail=False, methods=["post"], url_path="try", url_name="try")
    def try_out(self, request: Request) -> Response:
        """What a policy would say, without saving it and without letting anybody in."""
        check_manage(self.subject)
        serializer = TrySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        if problems := services.problems_of(data["body"], data["version"]):
            rows = [{"field": "body", "message": str(problem)} for problem in problems]
            raise Invalid(" ".join(row["message"] for row in rows), errors=rows)
        draft = LoginPolicy(body=data["body"], version=data["version"])
        if "policy" in data:
            saved = services.get_policy(self.subject, str(data["policy"]))
            draft.uid, draft.name = saved.uid, saved.name
        document, is_exempt = self._asked(data)
        trial = try_policy(subject=self.subject, policy=draft, input=document, is_exempt=is_exempt)
        return Response(TrialSerializer(_plain(trial)).data)

    def _asked(self, data: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        if "input" in data:
            return data["input"], False
        return input_for(
            login=data["login"], provider=data["provider"], teams=data.get("teams"), address=data.get("address", "")
        )

    @extend_schema(responses=NoticeSerializer(many=True))
    @action(detail=True, methods=["get"])
    def notices(self, request: Request, uid: str) -> Response:
        """What the policy wanted and did not get, and its failures; the newest first."""
        policy = services.get_policy(self.subject, uid)
        return Response(NoticeSerializer(policy.notices.all(), many=True).data)

    @extend_schema(responses=SampleSerializer(many=True))
    @action(detail=True, methods=["get"])
    def samples(self, request: Request, uid: str) -> Response:
        """The decisions that the policy wanted kept, the newest first: 100 at most, of the last 7 days."""
        policy = services.get_policy(self.subject, uid)
        return Response(SampleSerializer(policy.samples.all().fresh(), many=True).data)


def _plain(trial: Any) -> dict[str, Any]:
    return {
        "alone": trial.alone and trial.alone.as_json(), "together": trial.together and trial.together.as_json(),
        "failures": trial.failures, "others": trial.others, "is_exempt": trial.is_exempt, "document": trial.document,
    }  # fmt: skip
