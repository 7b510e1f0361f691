"""Addresses of resources in the API."""

from portal.api.routers import PortalRouter

from catalog.resources.api import ResourceViewSet

router = PortalRouter()
router.register("resources", ResourceViewSet, basename="api-resource")
urlpatterns = router.urls
