"""Addresses of resources in the API."""

from catalog.resources.api import ResourceViewSet
from portal.api.routers import PortalRouter

router = PortalRouter()
router.register("resources", ResourceViewSet, basename="api-resource")
urlpatterns = router.urls
