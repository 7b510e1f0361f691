"""Addresses of login policies in the API."""

from portal.api.routers import PortalRouter
from portal.login_policies import api

router = PortalRouter()
router.register("login-policies", api.LoginPolicyViewSet, basename="api-login-policy")
urlpatterns = router.urls
