"""Addresses of identity providers in the API."""

from portal.api.routers import PortalRouter
from portal.identity import api

router = PortalRouter()
router.register("identity-providers", api.ProviderViewSet, basename="api-identity-provider")
urlpatterns = router.urls
