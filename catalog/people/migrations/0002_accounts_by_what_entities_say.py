"""Indexes on tables of others, by what the rules look for: so are accounts found among ten thousand at once."""

from django.conf import settings
from django.db import migrations

_FITTING = "btrim(left(lower(regexp_replace({}, '[^A-Za-z0-9_.-]+', '-', 'g')), 63), '-_.')"
_GROUP = "regexp_replace(name, '^(scim:|sso:([^/]*/)?)', '')"

INDEXES = {
    "people_account_username": "accounts_user (lower(username))",
    "people_account_email": "accounts_user (lower(email))",
    "people_account_name": f"accounts_user (({_FITTING.format('username')}))",
    "people_group_lower": "auth_group (lower(name))",
    "people_group_name": f"auth_group (({_FITTING.format(_GROUP)}))",
}


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(f"CREATE INDEX {name} ON {what}", f"DROP INDEX {name}") for name, what in INDEXES.items()
    ]
