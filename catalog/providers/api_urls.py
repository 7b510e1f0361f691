"""Addresses of providers and webhooks in the API."""

from catalog.providers.api import HookViewSet, ProviderViewSet
from portal.api.routers import PortalRouter

router = PortalRouter()
router.register("catalog-providers", ProviderViewSet, basename="api-catalog-provider")
router.register("git-webhooks", HookViewSet, basename="api-git-webhook")
urlpatterns = router.urls
