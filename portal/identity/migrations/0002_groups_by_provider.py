"""Give each group of single sign-on to its provider: ``sso:x`` becomes ``sso:<provider>/x``, bindings and all.

There was one provider before, the one of the OIDC settings, so every such group is its. Whoever is in one and has an
account of that provider is in it because of the provider; other memberships were given by hand and stay.
"""

from django.conf import settings
from django.db import migrations

from portal.identity.groups import group_name

OLD = "sso:"


def adopt(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    User = apps.get_model("accounts", "User")
    ProviderGroup = apps.get_model("identity", "ProviderGroup")
    ProviderMembership = apps.get_model("identity", "ProviderMembership")
    SocialAccount = apps.get_model("socialaccount", "SocialAccount")
    key = settings.OIDC_PROVIDER_ID
    people = set(SocialAccount.objects.filter(provider=key).values_list("user_id", flat=True))
    for group in Group.objects.filter(name__startswith=OLD, provider_group=None).order_by("pk"):
        value = group.name.removeprefix(OLD)
        ProviderGroup.objects.create(provider_key=key, value=value, group=group)
        for user in User.objects.filter(groups=group, pk__in=people):
            ProviderMembership.objects.create(user=user, group=group, provider_key=key)
    # In two steps, since the old name of one may be the new name of another.
    for row in ProviderGroup.objects.filter(provider_key=key).select_related("group"):
        row.group.name = f"migrating:{row.pk}"
        row.group.save(update_fields=["name"])
    for row in ProviderGroup.objects.filter(provider_key=key).select_related("group"):
        row.group.name = group_name(key, row.value)
        row.group.save(update_fields=["name"])


def give_back(apps, schema_editor):
    ProviderGroup = apps.get_model("identity", "ProviderGroup")
    for row in ProviderGroup.objects.filter(provider_key=settings.OIDC_PROVIDER_ID).select_related("group"):
        row.group.name = f"{OLD}{row.value}"[:150]
        row.group.save(update_fields=["name"])
    ProviderGroup.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]
    operations = [migrations.RunPython(adopt, give_back)]
