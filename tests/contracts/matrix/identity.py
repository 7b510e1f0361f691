"""Addresses of identity providers."""

from __future__ import annotations

from portal.identity.models import GroupRule, IdentityProvider
from tests.contracts.matrix import Row, Stage
from tests.factories.portal import make_group

ROOT_PAGE = {"GET": "302 404 404 404 404 200"}
ROOT_API = {"GET": "401 404 404 404 404 200"}


def provider(stage: Stage) -> dict[str, object]:
    made = stage.once(
        "provider",
        lambda: IdentityProvider.objects.create(
            key="corp", kind="oidc", name="Corp", server="https://127.0.0.1:9", client_id="x"
        ),
    )
    return {"key": made.key}


def rule(stage: Stage) -> dict[str, object]:
    group = stage.once("group", make_group)
    made = stage.once("rule", lambda: GroupRule.objects.create(provider_key="corp", pattern="x", group=group))
    return {**provider(stage), "uid": made.uid}


def new_provider(stage: Stage) -> dict[str, object]:
    return {"name": "New", "key": "new-one", "kind": "google", "client_id": "x", "join": "nobody",
            "recheck_minutes": 60, "position": 1}  # fmt: skip


def changed(stage: Stage) -> dict[str, object]:
    return {"name": "Changed", "client_id": "x", "server": "https://127.0.0.1:9", "join": "nobody",
            "recheck_minutes": 60, "position": 1}  # fmt: skip


def new_rule(stage: Stage) -> dict[str, object]:
    group = stage.once("group", make_group)
    return {"pattern": "team-*", "group": group.pk}


def new_rule_by_name(stage: Stage) -> dict[str, object]:
    return {"pattern": "team-*", "group": stage.once("group", make_group).name}


ROWS = [
    Row("identity:list", ROOT_PAGE),
    Row(
        "identity:create",
        ROOT_PAGE | {"POST": "302 404 404 404 404 302"},
        lambda stage: {"kind": "google"},
        new_provider,
    ),
    Row("identity:detail", ROOT_PAGE, provider),
    Row("identity:change", ROOT_PAGE | {"POST": "302 404 404 404 404 302"}, provider, changed),
    Row("identity:check", {"POST": "302 404 404 404 404 200"}, provider),
    Row("identity:delete", {"POST": "302 404 404 404 404 302"}, provider),
    Row("identity:rule_create", {"POST": "302 404 404 404 404 302"}, provider, new_rule),
    Row("identity:rule_delete", {"POST": "302 404 404 404 404 302"}, rule),
    Row("identity:group_create", {"POST": "302 404 404 404 404 302"}, provider, lambda stage: {"value": "crew"}),
    Row("api-identity-provider-list", ROOT_API | {"POST": "401 404 404 404 404 201"}, body=new_provider),
    Row(
        "api-identity-provider-detail",
        ROOT_API | {"PATCH": "401 404 404 404 404 200", "DELETE": "401 404 404 404 404 204"},
        provider,
        lambda stage: {"name": "Changed"},
    ),
    Row("api-identity-provider-check", {"POST": "401 404 404 404 404 200"}, provider),
    Row(
        "api-identity-provider-rules",
        ROOT_API | {"POST": "401 404 404 404 404 201"},
        provider,
        new_rule_by_name,
    ),
    Row("api-identity-provider-rule", {"DELETE": "401 404 404 404 404 204"}, rule),
    Row(
        "api-identity-provider-groups",
        ROOT_API | {"POST": "401 404 404 404 404 201"},
        provider,
        lambda stage: {"value": "crew"},
    ),
    Row("openid_connect_back_channel", {"POST": "302 404 404 404 404 404"}, lambda stage: {"provider_id": "none"}),
    Row("github_login", {"GET": "302 404 404 404 404 404"}, lambda stage: {"provider_id": "none"}),
    Row("github_callback", {"GET": "302 404 404 404 404 404"}, lambda stage: {"provider_id": "none"}),
    Row("saml_login", {"GET": "302 404 404 404 404 404"}, lambda stage: {"organization_slug": "none"}),
    Row("saml_acs", {"POST": "302 404 404 404 404 404"}, lambda stage: {"organization_slug": "none"}),
    Row("saml_finish_acs", {"GET": "302 404 404 404 404 404"}, lambda stage: {"organization_slug": "none"}),
    Row("saml_sls", {"GET": "302 404 404 404 404 404"}, lambda stage: {"organization_slug": "none"}),
    Row("saml_metadata", {"GET": "302 404 404 404 404 404"}, lambda stage: {"organization_slug": "none"}),
]
