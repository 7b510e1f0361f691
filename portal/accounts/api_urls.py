"""Addresses of people, groups and tokens in the API."""

from portal.accounts import api
from portal.api.routers import PortalRouter

router = PortalRouter()
router.register("users", api.UserViewSet, basename="api-user")
router.register("groups", api.GroupViewSet, basename="api-group")
router.register("tokens", api.TokenViewSet, basename="api-token")
urlpatterns = router.urls
