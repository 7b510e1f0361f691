"""Addresses of the trail in the API."""

from portal.api.routers import PortalRouter
from portal.audit import api

router = PortalRouter()
router.register("audit", api.AuditViewSet, basename="api-audit")
urlpatterns = router.urls
