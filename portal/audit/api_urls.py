"""Addresses of the trail in the API."""

from portal.api.routers import PortalRouter
from portal.audit import api
from portal.audit.streaming.api import DestinationViewSet

router = PortalRouter()
router.register("audit", api.AuditViewSet, basename="api-audit")
router.register("audit-destinations", DestinationViewSet, basename="api-audit-destination")
urlpatterns = router.urls
