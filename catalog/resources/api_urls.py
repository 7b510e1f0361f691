"""Addresses of resources in the API."""

from rest_framework.routers import SimpleRouter

from catalog.resources.api import ResourceViewSet

router = SimpleRouter()
router.register("resources", ResourceViewSet, basename="api-resource")
urlpatterns = router.urls
