"""Addresses of the trail in the API."""

from rest_framework.routers import SimpleRouter

from portal.audit import api

router = SimpleRouter()
router.register("audit", api.AuditViewSet, basename="api-audit")
urlpatterns = router.urls
