"""Addresses of people, groups and tokens in the API."""

from rest_framework.routers import SimpleRouter

from portal.accounts import api

router = SimpleRouter()
router.register("users", api.UserViewSet, basename="api-user")
router.register("groups", api.GroupViewSet, basename="api-group")
router.register("tokens", api.TokenViewSet, basename="api-token")
urlpatterns = router.urls
