"""What accounts and groups would be called in the catalog, in Python and as the same expression in SQL."""

from __future__ import annotations

import re

from django.db.models import Func, TextField

_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")
_OUTSIDE = re.compile(r"^(?:scim:|sso:(?:[^/]*/)?)")
_LONGEST = 63


def account_name(username: str) -> str:
    """A username as the name of an entity: lower case, with a hyphen for what such names may not hold."""
    return _UNFIT.sub("-", username).lower()[:_LONGEST].strip("-_.")


def group_name(name: str) -> str:
    """The same for a group; what tells that it came by SCIM, or through which provider, is left out."""
    return account_name(_OUTSIDE.sub("", name))


# NOTE: the migrations have indexes on these two expressions; only the very same text finds them.
_FITTING = """btrim(left(lower(regexp_replace({}, '[^A-Za-z0-9_.-]+', '-', 'g')), 63), '-_.')"""


class AccountName(Func):
    """``account_name`` in SQL."""

    template = _FITTING.format("%(expressions)s")
    output_field = TextField()


class GroupName(Func):
    """``group_name`` in SQL."""

    template = _FITTING.format("regexp_replace(%(expressions)s, '^(scim:|sso:([^/]*/)?)', '')")
    output_field = TextField()
