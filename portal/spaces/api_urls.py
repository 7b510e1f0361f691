"""Addresses of spaces, roles and bindings in the API."""

from portal.api.routers import PortalRouter
from portal.spaces import api
from portal.spaces.requests_api import AccessRequestViewSet

router = PortalRouter()
router.register("spaces", api.SpaceViewSet, basename="api-space")
router.register("roles", api.RoleViewSet, basename="api-role")
router.register("bindings", api.BindingViewSet, basename="api-binding")
router.register("access-requests", AccessRequestViewSet, basename="api-access-request")
urlpatterns = router.urls
