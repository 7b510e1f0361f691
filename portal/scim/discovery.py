"""What the service says of itself (RFC 7643, 5 to 7)."""

from __future__ import annotations

from django.conf import settings
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    EnterpriseUser,
    ETag,
    Filter,
    Group,
    Meta,
    Patch,
    Reference,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    Sort,
    User,
)

from portal.scim.shapes import FullUser

# The most resources of one page (RFC 7644, 3.4.2.4).
PAGE = 200


def _at(path: str) -> str:
    return f"{settings.BASE_URL}/scim/v2/{path}"


def config() -> ServiceProviderConfig:
    """Which parts of the standard are served."""
    return ServiceProviderConfig(
        documentation_uri=None,
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=PAGE),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken, name="API token",
                description="Authorization: Bearer with an API token whose role has scim:provision in the root space.",
                spec_uri=Reference("https://www.rfc-editor.org/info/rfc6750"), primary=True,
            )
        ],
        meta=Meta(resource_type="ServiceProviderConfig", location=_at("ServiceProviderConfig")),
    )  # fmt: skip


def resource_types() -> list[ResourceType]:
    """Users and groups."""
    found = []
    for model, name in ((FullUser, "User"), (Group, "Group")):
        made = ResourceType.from_resource(model)
        made.meta = Meta(resource_type="ResourceType", location=_at(f"ResourceTypes/{name}"))
        found.append(made)
    return found


def schemas() -> list[Schema]:
    """The attributes of users, their enterprise extension, and groups."""
    found = []
    for model in (User, EnterpriseUser, Group):
        made = model.to_schema()
        made.meta = Meta(resource_type="Schema", location=_at(f"Schemas/{made.id}"))
        found.append(made)
    return found
