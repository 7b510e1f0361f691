"""``/api/v1/runs``."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.viewsets import PortalViewSet
from portal.lib.errors import Invalid
from scaffolder.runs import services
from scaffolder.runs.models import Run
from scaffolder.runs.queries import get_run_for, log_after, runs_for
from scaffolder.runs.serializers import LogSerializer, NoteSerializer, RunDetailSerializer, RunSerializer

_UID = OpenApiParameter("uid", OpenApiTypes.UUID, OpenApiParameter.PATH)


class RunViewSet(PortalViewSet):
    """Runs of all stacks that you may see. They are started under ``/stacks/{slug}/runs``."""

    queryset = Run.objects.none()
    serializer_class = RunSerializer
    lookup_field = "uid"

    def get_queryset(self) -> QuerySet[Run]:
        """Visible runs."""
        return runs_for(self.subject)

    def _run(self, uid: str) -> Run:
        return get_run_for(self.subject, uid)

    @extend_schema(
        parameters=[
            OpenApiParameter("stack", str, description="Slug of a stack."),
            OpenApiParameter("state", str, many=True),
            OpenApiParameter("type", str),
        ]
    )
    def list(self, request: Request) -> Response:
        """Runs, newest first."""
        query = request.query_params
        asked = {"stack__slug": query.get("stack"), "type": query.get("type"), "state__in": query.getlist("state")}
        found = self.get_queryset().filter(**{name: value for name, value in asked.items() if value})
        response: Response = self.listed(found)
        return response

    @extend_schema(parameters=[_UID], responses=RunDetailSerializer)
    def retrieve(self, request: Request, uid: str) -> Response:
        """One run with its plan, outputs and history."""
        return Response(RunDetailSerializer(self._run(uid)).data)

    @extend_schema(parameters=[_UID], request=NoteSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, uid: str) -> Response:
        """Let the planned changes happen. Needs ``run:confirm``."""
        run = self._run(uid)
        return self._done(services.confirm_run(subject=self.subject, run=run, note=self._note(request)))

    @extend_schema(parameters=[_UID], request=NoteSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, uid: str) -> Response:
        """Throw the plan away. Needs ``run:confirm``."""
        run = self._run(uid)
        return self._done(services.discard_run(subject=self.subject, run=run, note=self._note(request)))

    @extend_schema(parameters=[_UID], request=None, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, uid: str) -> Response:
        """Take the run out of the queue. Needs ``run:stop``."""
        return self._done(services.cancel_run(subject=self.subject, run=self._run(uid)))

    @extend_schema(parameters=[_UID], request=None, responses={202: RunDetailSerializer})
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, uid: str) -> Response:
        """Ask its worker to stop before anything is applied. Needs ``run:stop``."""
        return self._done(services.stop_run(subject=self.subject, run=self._run(uid)), 202)

    @extend_schema(parameters=[_UID], request=None, responses={201: RunDetailSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, uid: str) -> Response:
        """Start a new run of the same type. Needs ``run:trigger``."""
        return self._done(services.retry_run(subject=self.subject, run=self._run(uid)), 201)

    @extend_schema(
        parameters=[_UID, OpenApiParameter("after", int, description="Number of the last line that you have.")],
        responses=LogSerializer,
    )
    @action(detail=True, methods=["get"])
    def logs(self, request: Request, uid: str) -> Response:
        """The next lines of the log. Ask again with ``after=last`` until it is complete."""
        run = self._run(uid)
        raw = request.query_params.get("after", "0")
        if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
            raise Invalid("after must be the number of a line.", errors=[{"field": "after", "message": "No number."}])
        lines = log_after(run, int(raw))
        last = lines[-1].number if lines else int(raw)
        is_complete = run.has_ended and not lines
        return Response({"lines": [line.as_json() for line in lines], "last": last, "is_complete": is_complete})

    def _note(self, request: Request) -> str:
        serializer = NoteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return str(serializer.validated_data["note"])

    def _done(self, run: Run, status: int = 200) -> Response:
        return Response(RunDetailSerializer(run).data, status=status)
