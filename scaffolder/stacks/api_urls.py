"""Addresses of stacks and runs in the API."""

from django.urls import path

from portal.api.routers import PortalRouter
from scaffolder.runs.api import RunViewSet
from scaffolder.stacks.api import StackViewSet
from scaffolder.stacks.state_api import stack_state

router = PortalRouter()
router.register("stacks", StackViewSet, basename="api-stack")
router.register("runs", RunViewSet, basename="api-run")
urlpatterns = [path("stacks/<slug:slug>/state", stack_state, name="stack-state"), *router.urls]
