"""Addresses of clients and grants in the API."""

from portal.api.routers import PortalRouter
from portal.oauth import api

router = PortalRouter()
router.register("oauth-clients", api.ClientViewSet, basename="api-oauth-client")
router.register("oauth-grants", api.GrantViewSet, basename="api-oauth-grant")
urlpatterns = router.urls
