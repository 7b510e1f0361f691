"""Addresses of workload identity in the API."""

from portal.api.routers import PortalRouter
from portal.workloads.api import TrustViewSet
from portal.workloads.token_api import WorkloadTokenViewSet

router = PortalRouter()
router.register("workload-trusts", TrustViewSet, basename="api-workload-trust")
router.register("workload-tokens", WorkloadTokenViewSet, basename="api-workload-token")
urlpatterns = router.urls
