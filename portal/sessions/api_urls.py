"""Addresses of sessions in the API."""

from portal.api.routers import PortalRouter
from portal.sessions import api

router = PortalRouter()
router.register("sessions", api.SessionViewSet, basename="api-session")
urlpatterns = router.urls
