"""``/api/v1/stacks``."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.viewsets import PortalViewSet
from portal.lib.errors import NotFound
from portal.spaces import access
from portal.spaces.api import role_named, space_named
from portal.spaces.models import Space
from portal.spaces.serializers import BindingSerializer
from scaffolder.runs.models import Run
from scaffolder.runs.queries import runs_for
from scaffolder.runs.serializers import RunDetailSerializer, RunSerializer, TriggerSerializer
from scaffolder.runs.services import destroy_stack, trigger_run
from scaffolder.stacks import acting, services, state
from scaffolder.stacks.checking import wrong
from scaffolder.stacks.models import Stack
from scaffolder.stacks.policies import Permission
from scaffolder.stacks.queries import filtered, get_stack_for, stacks_for, with_last_run
from scaffolder.stacks.serializers import (
    StackCreateSerializer,
    StackRoleSerializer,
    StackSerializer,
    StackUpdateSerializer,
    StateVersionSerializer,
    VariableSerializer,
    VariableSetSerializer,
)

_ENVIRONMENT = OpenApiParameter("is_environment", bool, description="Of the environment, not of the tool's inputs.")


class StackViewSet(PortalViewSet):
    """Stacks, their variables, and the runs of each."""

    queryset = Stack.objects.none()
    serializer_class = StackSerializer
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]+"

    def get_queryset(self) -> QuerySet[Stack]:
        """Visible stacks with their last run."""
        return with_last_run(stacks_for(self.subject))

    def _stack(self, slug: str, permission: str = Permission.STACK_READ) -> Stack:
        return get_stack_for(self.subject, slug, permission)

    def _shown(self, stack: Stack, status: int = 200) -> Response:
        return Response(StackSerializer(self.get_queryset().get(pk=stack.pk)).data, status=status)

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, description="Text in name, slug, description or repository."),
            OpenApiParameter("space", str, description="Short name of a space; those below it count too."),
            OpenApiParameter("tool", str, many=True),
            OpenApiParameter("state", str, many=True, description="State of the last run; “none” where nothing ran."),
            OpenApiParameter("label", str),
            OpenApiParameter("entity", str, description="Reference of the owning entity."),
        ]
    )
    def list(self, request: Request) -> Response:
        """Stacks that you may see."""
        query = request.query_params
        asked = {name: query.get(name, "") for name in ("q", "space", "label", "entity")}
        lists = {"tools": query.getlist("tool"), "states": query.getlist("state")}
        response: Response = self.listed(filtered(self.get_queryset(), {**asked, **lists}))
        return response

    def retrieve(self, request: Request, slug: str) -> Response:
        """One stack."""
        return self._shown(self._stack(slug))

    @extend_schema(request=StackCreateSerializer, responses={201: StackSerializer})
    def create(self, request: Request) -> Response:
        """Make a stack. Needs ``stack:create`` in the space."""
        serializer = StackCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        slug = data.pop("space")
        space = access.visible_to(self.subject, Space.objects.filter(slug=slug)).first()
        if space is None:
            raise wrong("space", f"There is no space “{slug}”, or you may not see it.")
        return self._shown(services.create_stack(subject=self.subject, space=space, **data), 201)

    @extend_schema(request=StackUpdateSerializer, responses=StackSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change a stack; what is not named stays. Needs ``stack:update``."""
        stack = self._stack(slug, Permission.STACK_UPDATE)
        serializer = StackUpdateSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return self._shown(services.update_stack(subject=self.subject, stack=stack, **serializer.validated_data))

    @extend_schema(
        parameters=[OpenApiParameter("resources", str, enum=["keep", "destroy"], description="“keep” unless given.")],
        responses={202: RunDetailSerializer, 204: None},
    )
    def destroy(self, request: Request, slug: str) -> Response:
        """Delete a stack. With ``resources=destroy`` a run destroys what it deployed first (202, with the run)."""
        stack = self._stack(slug, Permission.STACK_DELETE)
        wish = request.query_params.get("resources", "keep")
        if wish not in ("keep", "destroy"):
            raise wrong("resources", "Say what becomes of the resources: keep or destroy.")
        if wish == "destroy":
            return Response(RunDetailSerializer(destroy_stack(subject=self.subject, stack=stack)).data, status=202)
        services.delete_stack(subject=self.subject, stack=stack)
        return Response(status=204)

    @extend_schema(methods=["GET"], responses=VariableSerializer(many=True))
    @extend_schema(methods=["POST"], request=VariableSetSerializer, responses=VariableSerializer)
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def variables(self, request: Request, slug: str) -> Response:
        """The variables of a stack; POST adds or replaces one."""
        if request.method == "GET":
            return Response(VariableSerializer(self._stack(slug).variables.all(), many=True).data)
        stack = self._stack(slug, Permission.STACK_UPDATE)
        serializer = VariableSetSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        variable = services.set_variable(subject=self.subject, stack=stack, **serializer.validated_data)
        return Response(VariableSerializer(variable).data)

    @extend_schema(parameters=[_ENVIRONMENT], responses={204: None})
    @action(detail=True, methods=["delete"], url_path="variables/(?P<name>[^/]+)")
    def variable(self, request: Request, slug: str, name: str) -> Response:
        """Take a variable away."""
        stack = self._stack(slug, Permission.STACK_UPDATE)
        is_environment = request.query_params.get("is_environment", "").lower() in ("1", "true")
        services.delete_variable(subject=self.subject, stack=stack, name=name, is_environment=is_environment)
        return Response(status=204)

    @extend_schema(methods=["GET"], responses=RunSerializer(many=True))
    @extend_schema(methods=["POST"], request=TriggerSerializer, responses={201: RunDetailSerializer})
    @action(detail=True, methods=["get", "post"], serializer_class=RunSerializer)
    def runs(self, request: Request, slug: str) -> Response:
        """The runs of a stack, newest first; POST starts one. Needs ``run:trigger``."""
        stack = self._stack(slug)
        if request.method == "GET":
            response: Response = self.listed(runs_for(self.subject).filter(stack=stack))
            return response
        serializer = TriggerSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        run: Run = trigger_run(subject=self.subject, stack=stack, **serializer.validated_data)
        return Response(RunDetailSerializer(run).data, status=201)

    @extend_schema(methods=["GET"], responses=BindingSerializer(many=True))
    @extend_schema(methods=["POST"], request=StackRoleSerializer, responses={201: BindingSerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def roles(self, request: Request, slug: str) -> Response:
        """The roles that runs of the stack act with; POST gives one. They are taken away as bindings are."""
        if request.method == "GET":
            return Response(BindingSerializer(acting.roles_of_stack(self.subject, self._stack(slug)), many=True).data)
        stack = self._stack(slug, Permission.STACK_MANAGE)
        serializer = StackRoleSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        space = space_named(self, data["space"], "space")
        role = role_named(data["role"])
        until = data.get("expires_at")
        made = acting.give_role(subject=self.subject, stack=stack, role=role, space=space, expires_at=until)
        return Response(BindingSerializer(made).data, status=201)

    @extend_schema(responses=StateVersionSerializer(many=True))
    @action(detail=True, methods=["get"], url_path="state-versions", serializer_class=StateVersionSerializer)
    def state_versions(self, request: Request, slug: str) -> Response:
        """The versions of the state, newest first, without the state itself."""
        response: Response = self.listed(self._stack(slug).state_versions.defer("content"))
        return response

    @extend_schema(responses={(200, "application/json"): dict[str, Any]})
    @action(detail=True, methods=["get"], url_path=r"state-versions/(?P<number>\d{1,18})")
    def state_version(self, request: Request, slug: str, number: str) -> HttpResponse:
        """One version of the state itself. Needs ``stack:state-read``: it holds secrets."""
        stack = self._stack(slug, Permission.STACK_STATE_READ)
        version = stack.state_versions.filter(pk=int(number), size__gt=0).first()
        if version is None:
            raise NotFound("The stack has no such version of its state.")
        return HttpResponse(
            state.content_of(version), content_type="application/json", headers={"Cache-Control": "no-store"}
        )

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="unlock-state")
    def unlock_state(self, request: Request, slug: str) -> Response:
        """Release a lock of the state that its holder left behind. Needs ``stack:state-unlock``."""
        services.unlock_state(subject=self.subject, stack=self._stack(slug))
        return Response(status=204)
