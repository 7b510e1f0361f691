"""A token, its bearer and all of their rights in one statement: programs send one with every request."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import connection, models
from django.utils import timezone

from portal.accounts.models import ApiToken, User, Workload
from portal.spaces.rights import Rights, parse, rights_expression

M = TypeVar("M", bound=models.Model)


def _columns(model: type[models.Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _selected(model: type[models.Model], alias: str) -> str:
    return ", ".join(f'{alias}."{column}"' for column in _columns(model))


def _statement() -> str:
    scoped = "CASE WHEN token.is_scoped THEN token.id END"
    rights = rights_expression(user="token.owner_id", workload="token.workload_id", token=scoped)
    tables = (_selected(ApiToken, "token"), _selected(User, "owner"), _selected(Workload, "workload"))
    return f"""
        SELECT {", ".join(tables)}, {rights}
        FROM accounts_api_token token
            LEFT JOIN accounts_user owner ON owner.id = token.owner_id
            LEFT JOIN accounts_workload workload ON workload.id = token.workload_id
        WHERE token.digest = %(digest)s
    """  # noqa: S608 (columns of models)


_STATEMENT = _statement()


def token_with_rights(digest: str) -> tuple[ApiToken, Rights] | None:
    """The token of a digest with its bearer loaded, and the rights of both. None where there is no such token."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"digest": digest, "now": timezone.now()})
        row = cursor.fetchone()
    if row is None:
        return None
    values = list(row)
    token, owner, workload = _take(ApiToken, values), _take(User, values), _take(Workload, values)
    token.owner = owner if owner.pk is not None else None
    token.workload = workload if workload.pk is not None else None
    return token, parse(values[0])


def _take(model: type[M], values: list[Any]) -> M:
    """An instance from the first columns, which are taken away."""
    names = _names(model)
    found, values[:] = values[: len(names)], values[len(names) :]
    made: M = model.from_db(connection.alias, names, found)
    return made
