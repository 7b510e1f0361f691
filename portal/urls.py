"""The map of addresses. Upper packages are named as strings only."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from portal.ui import docs, health

handler400 = "portal.ui.views.bad_request"
handler403 = "portal.ui.views.permission_denied"
handler404 = "portal.ui.views.page_not_found"
handler500 = "portal.ui.views.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("portal.accounts.sign_in_urls")),
    path("", include("portal.ui.urls")),
    path("", include("portal.accounts.urls")),
    path("people/", include("portal.accounts.people_urls")),
    path("identity/", include("portal.identity.urls")),
    path("", include("portal.oauth.provider_urls")),
    path("oauth/", include("portal.oauth.urls")),
    path("login-policies/", include("portal.login_policies.urls")),
    path("workload-trusts/", include("portal.workloads.urls")),
    path("spaces/", include("portal.spaces.urls")),
    path("scim/v2/", include("portal.scim.urls")),
    path("audit/", include("portal.audit.urls")),
    path("explain/", include("portal.explain.urls")),
    path("sharing/", include("portal.sharing.urls")),
    path("catalog/-/providers/", include("catalog.providers.urls")),
    path("catalog/", include("catalog.urls")),
    path("webhooks/git/", include("catalog.providers.hook_urls")),
    path("catalog/", include("catalog.graph.urls")),
    path("resources/", include("catalog.resources.urls")),
    path("catalog-links/", include("catalog.people.urls")),
    path("stacks/runs/", include("scaffolder.runs.urls")),
    path("stacks/", include("scaffolder.stacks.urls")),
    path("api/catalog/", include("catalog.api_urls")),
    path("create/", include("scaffolder.blueprints.urls")),
    path("create/tasks/", include("scaffolder.tasks.urls")),
    path("api/scaffolder/", include("scaffolder.tasks.wire.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", docs.api_docs, name="api-docs"),
    path("api/v1/", include("portal.accounts.api_urls")),
    path("api/v1/", include("portal.identity.api_urls")),
    path("api/v1/", include("portal.login_policies.api_urls")),
    path("api/v1/", include("portal.oauth.api_urls")),
    path("api/v1/", include("portal.workloads.api_urls")),
    path("api/v1/", include("portal.sessions.api_urls")),
    path("api/v1/", include("portal.spaces.api_urls")),
    path("api/v1/", include("portal.audit.api_urls")),
    path("api/v1/", include("portal.explain.api_urls")),
    path("api/v1/", include("portal.sharing.api_urls")),
    path("api/v1/", include("catalog.providers.api_urls")),
    path("api/v1/", include("catalog.resources.api_urls")),
    path("api/v1/", include("catalog.people.api_urls")),
    path("api/v1/", include("catalog.graph.api_urls")),
    path("api/v1/", include("catalog.definitions.api_urls")),
    path("api/v1/", include("scaffolder.stacks.api_urls")),
]
