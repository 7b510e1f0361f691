"""Addresses of the ground floor."""

from __future__ import annotations

from portal.accounts.models import GroupParent, User
from tests.contracts.matrix import API_IN_SPACE, API_SIGNED_IN, IN_SPACE, PUBLIC, SIGNED_IN, Row, Stage
from tests.factories.portal import bind, make_group, make_space, make_token, make_user


def space(stage: Stage) -> dict[str, object]:
    return {"slug": stage.cast.space.slug}


def binding(stage: Stage) -> dict[str, object]:
    made = stage.once("binding", lambda: bind(make_user(), "reader", stage.cast.space))
    return {"slug": stage.cast.space.slug, "uid": made.uid}


def somebody(stage: Stage) -> dict[str, object]:
    return {"username": stage.once("somebody", make_user).username}


def with_password(stage: Stage) -> dict[str, object]:
    def make() -> User:
        user = make_user()
        user.set_password("an old one")
        user.save()
        return user

    return {"username": stage.once("with_password", make).username}


def new_password(stage: Stage) -> dict[str, object]:
    return {"password": "Wk7-tangerine-boats"}


def group(stage: Stage) -> dict[str, object]:
    return {"pk": stage.once("group", make_group).pk}


def own_token(stage: Stage) -> dict[str, object]:
    stage.once("token", lambda: make_token(stage.cast.owner))
    return {"uid": stage.cast.owner.api_tokens.latest("pk").uid}


def empty_space(stage: Stage) -> dict[str, object]:
    return {"slug": stage.once("empty", lambda: make_space("empty", stage.cast.space)).slug}


def new_person(stage: Stage) -> dict[str, object]:
    return {"username": "newest", "password": "long-enough-and-odd", "display_name": "", "email": ""}


def new_group(stage: Stage) -> dict[str, object]:
    return {"name": "crew", "members": []}


def new_space(stage: Stage) -> dict[str, object]:
    return {"name": "Below", "slug": "below", "parent": stage.cast.space.slug}


def new_binding(stage: Stage) -> dict[str, object]:
    name = stage.once("newcomer", make_user).username
    return {"who": name, "user": name, "role": "reader", "space": stage.cast.space.slug}


def renamed(stage: Stage) -> dict[str, object]:
    return {"name": "Renamed", "description": "", "is_inheriting": True}


def nested(stage: Stage) -> dict[str, object]:
    def make() -> dict[str, object]:
        outer, inner = make_group("outer"), make_group("inner")
        GroupParent.objects.create(child=inner, parent=outer)
        return {"pk": outer.pk, "child": inner.pk}

    found: dict[str, object] = stage.once("nested", make)
    return found


def outer_group(stage: Stage) -> dict[str, object]:
    return {"pk": nested(stage)["pk"]}


def inner_name(stage: Stage) -> dict[str, object]:
    return {"group": "inner"}


def another(stage: Stage) -> dict[str, object]:
    name = stage.once("another", make_group).name
    return {"child": name, "group": name}


ROWS = [
    Row("healthz", PUBLIC),
    Row("readyz", {"GET": "200 200 200 200 200 200"}),
    Row("account_login", {"GET": "200 302 302 302 302 302"}),
    Row("account_logout", {"GET": "302 200 200 200 200 200"}),
    Row("account_inactive", PUBLIC),
    Row("account_signup", {"GET": "200 302 302 302 302 302"}),
    Row("account_reauthenticate", SIGNED_IN),
    Row("account_change_password", SIGNED_IN),
    Row("account_set_password", {"GET": "200 200 200 200 200 200"}),
    Row("account_reset_password", PUBLIC),
    Row("socialaccount_login_cancelled", PUBLIC),
    Row("socialaccount_login_error", {"GET": "401 401 401 401 401 401"}),
    Row("socialaccount_signup", {"GET": "302 302 302 302 302 302"}),
    Row("socialaccount_connections", SIGNED_IN),
    Row("openid_connect_login", {"GET": "302 404 404 404 404 404"}, lambda stage: {"provider_id": "none"}),
    Row("openid_connect_callback", {"GET": "302 404 404 404 404 404"}, lambda stage: {"provider_id": "none"}),
    Row("ui:home", SIGNED_IN),
    Row("ui:search", SIGNED_IN),
    Row("ui:search_hits", SIGNED_IN),
    Row("ui:space_switcher", SIGNED_IN),
    Row("ui:theme", {"POST": "302 302 302 302 302 302"}, body=lambda stage: {"theme": "dark"}),
    Row(
        "accounts:tokens",
        SIGNED_IN | {"POST": "302 200 200 200 200 200"},
        body=lambda stage: {"name": "x", "days": "30"},
    ),
    Row("accounts:token_revoke", {"POST": "302 404 404 404 302 404"}, own_token, others={"parent": 404}),
    Row("people:list", {"GET": "302 200 404 404 200 200"}, others={"outsider": 404}),
    Row("people:person_create", {"GET": "302 403 403 403 403 200", "POST": "302 403 403 403 403 302"}, body=new_person),
    Row("people:person", {"GET": "302 200 404 404 200 200"}, somebody, others={"outsider": 404}),
    Row(
        "people:person_change",
        {"POST": "302 403 404 404 403 302"},
        somebody,
        lambda stage: {"display_name": "X", "email": ""},
        others={"outsider": 404},
    ),
    Row(
        "people:person_password",
        {"POST": "302 403 404 404 403 302"},
        with_password,
        new_password,
        others={"outsider": 404},
    ),
    Row("people:person_state", {"POST": "302 403 404 404 403 302"}, somebody, others={"outsider": 404}),
    Row("people:groups", {"GET": "302 200 404 404 200 200"}, others={"outsider": 404}),
    Row(
        "people:group_create",
        {"GET": "302 403 403 403 403 200", "POST": "302 403 403 403 403 302"},
        body=lambda stage: {"name": "crew"},
    ),
    Row("people:group", {"GET": "302 200 404 404 200 200"}, group, others={"outsider": 404}),
    Row(
        "people:group_change",
        {"POST": "302 403 404 404 403 302"},
        group,
        lambda stage: {"name": "crew"},
        others={"outsider": 404},
    ),
    Row("people:group_nest", {"POST": "302 403 404 404 403 302"}, outer_group, another, others={"outsider": 404}),
    Row("people:group_unnest", {"POST": "302 403 404 404 403 302"}, nested, others={"outsider": 404}),
    Row("api-group-groups", {"POST": "401 403 404 404 403 200"}, outer_group, another, others={"outsider": 404}),
    Row(
        "api-group-remove-group",
        {"POST": "401 403 404 404 403 200"},
        outer_group,
        inner_name,
        others={"outsider": 404},
    ),
    Row("people:group_delete", {"POST": "302 403 404 404 403 302"}, group, others={"outsider": 404}),
    Row("spaces:list", SIGNED_IN),
    Row(
        "spaces:create",
        {"GET": "302 200 403 403 200 200", "POST": "302 422 403 403 302 302"},
        body=new_space,
        others={"outsider": 403},
    ),
    Row("spaces:detail", IN_SPACE, space),
    Row("spaces:change", {"GET": "302 404 403 403 200 200", "POST": "302 404 403 403 302 302"}, space, renamed),
    Row("spaces:delete", {"POST": "302 404 403 403 302 302"}, empty_space),
    Row("spaces:bind", {"POST": "302 404 403 403 302 302"}, space, new_binding),
    Row("spaces:unbind", {"POST": "302 404 403 403 302 302"}, binding),
    Row("spaces:subject_options", {"GET": "302 404 403 403 200 200"}, space),
    Row("api-schema", {"GET": "200 200 200 200 200 200"}, others={"token of suspended": 401}),
    Row("api-docs", SIGNED_IN),
    Row(
        "api-user-list",
        {"GET": "401 200 404 404 200 200", "POST": "401 403 403 403 403 201"},
        body=new_person,
        others={"outsider": {"GET": 404}},
    ),
    Row("api-user-me", API_SIGNED_IN),
    Row(
        "api-user-detail",
        {"GET": "401 200 404 404 200 200", "PATCH": "401 403 404 404 403 200"},
        somebody,
        lambda stage: {"display_name": "X"},
        others={"outsider": 404},
    ),
    Row(
        "api-group-list",
        {"GET": "401 200 404 404 200 200", "POST": "401 403 403 403 403 201"},
        body=new_group,
        others={"outsider": {"GET": 404}},
    ),
    Row(
        "api-group-detail",
        {"GET": "401 200 404 404 200 200", "PUT": "401 403 404 404 403 200", "DELETE": "401 403 404 404 403 204"},
        group,
        new_group,
        others={"outsider": 404},
    ),
    Row(
        "api-token-list",
        API_SIGNED_IN | {"POST": "401 201 201 201 201 201"},
        body=lambda stage: {"name": "x"},
        others={"reading token of owner": 403},
    ),
    Row(
        "api-token-detail",
        {"GET": "401 404 404 404 200 404", "DELETE": "401 404 404 404 204 404"},
        own_token,
        others={"parent": 404, "token of parent": 404, "reading token of owner": 403},
    ),
    Row("api-space-list", API_SIGNED_IN | {"POST": "401 400 403 403 201 201"}, body=new_space),
    Row(
        "api-space-detail",
        API_IN_SPACE | {"PATCH": "401 404 403 403 200 200", "DELETE": "401 404 403 403 204 204"},
        empty_space,
        renamed,
    ),
    Row(
        "api-binding-list",
        API_SIGNED_IN | {"POST": "401 400 403 403 201 201"},
        body=lambda stage: {key: value for key, value in new_binding(stage).items() if key != "who"},
    ),
    Row(
        "api-binding-detail",
        API_IN_SPACE | {"DELETE": "401 404 403 403 204 204", "PATCH": "401 404 403 403 200 200"},
        lambda stage: {"uid": binding(stage)["uid"]},
        lambda stage: {"expires_at": "2099-01-01T00:00:00Z"},
    ),
]
