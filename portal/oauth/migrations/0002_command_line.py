"""The portal's own command line: a public client of the device flow, there from the start."""

from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("allauth_idp_oidc", "Client").objects.get_or_create(
        id="callboard-cli",
        defaults={
            "name": "Command line", "type": "public", "response_types": "code", "secret": "!",
            "scopes": "openid\nprofile\nemail\ngroups\napi:read\napi", "default_scopes": "openid",
            "grant_types": "urn:ietf:params:oauth:grant-type:device_code\nrefresh_token",
        },
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("oauth", "0001_initial"), ("allauth_idp_oidc", "0003_client_allow_uri_wildcards")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
