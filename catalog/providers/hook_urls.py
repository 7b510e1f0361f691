"""Where Git hosts call."""

from django.urls import path

from catalog.providers.webhooks.views import git_webhook

urlpatterns = [path("<uuid:uid>", git_webhook, name="git-webhook")]
