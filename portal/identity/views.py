"""Pages of identity providers: who may come in from outside, and what they are in here."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import fresh_only
from portal.identity import services
from portal.identity.addresses import addresses_of
from portal.identity.checking import Finding, check_provider
from portal.identity.configured import RESERVED_KEYS, all_providers, directories
from portal.identity.forms import ProviderForm, ProviderGroupForm, RuleForm, form_for, free_key, sections_of
from portal.identity.models import GroupRule, IdentityProvider, Kind, ProviderGroup
from portal.identity.policies import check_manage
from portal.identity.saving import with_metadata
from portal.lib.errors import NotFound
from portal.ui.forms import attempt

CRUMB = ("Sign-in", "/identity/")
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def provider_list(request: HttpRequest) -> HttpResponse:
    """All providers in the order of the sign-in page."""
    check_manage(subject_of(request))
    values = {"crumbs": [("Sign-in", "")], "providers": all_providers() + directories(), "kinds": Kind.choices}
    return render(request, "portal/identity/providers.html", values)


@login_required
@form_methods
@fresh_only
def provider_create(request: HttpRequest, kind: str) -> HttpResponse:
    """Add a provider of one kind."""
    subject = subject_of(request)
    check_manage(subject)
    if kind not in Kind.values:
        raise NotFound("There is no such kind of identity provider.")
    form = form_for(kind, request.POST or None)
    if form.is_valid():
        values = dict(form.cleaned_data)
        taken = {row.key for row in all_providers()} | RESERVED_KEYS
        values["key"] = values["key"] or free_key(values["name"], taken)
        made = attempt(
            form, lambda: services.create_provider(subject=subject, kind=kind, **with_metadata(kind, values))
        )
        if made:
            messages.success(request, f"“{made.name}” is there. Tell it the addresses below, then check it.")
            return redirect("identity:detail", key=made.key)
    return _form_page(request, form, f"New provider: {Kind(kind).label}", "Add the provider", [("New", "")])


@login_required
@require_safe
def provider_detail(request: HttpRequest, key: str) -> HttpResponse:
    """A provider: what to tell it, who may join, what its groups mean."""
    return _detail(request, services.get_source(subject_of(request), key))


def _detail(
    request: HttpRequest,
    provider: IdentityProvider,
    *,
    findings: list[Finding] | None = None,
    rule_form: RuleForm | None = None,
    group_form: ProviderGroupForm | None = None,
) -> HttpResponse:
    has_errors = any(form is not None and form.errors for form in (rule_form, group_form))
    values = {
        "crumbs": [CRUMB, (provider.name, "")], "provider": provider,
        "addresses": [] if provider.is_directory else addresses_of(provider),
        "findings": findings, "rules": GroupRule.objects.filter(provider_key=provider.key).select_related("group"),
        "groups": ProviderGroup.objects.filter(provider_key=provider.key).select_related("group"),
        "rule_form": rule_form or RuleForm(), "group_form": group_form or ProviderGroupForm(),
        "refusal": "Operators change it in the settings." if provider.is_from_settings else "",
    }  # fmt: skip
    return render(request, "portal/identity/provider.html", values, status=422 if has_errors else 200)


@login_required
@form_methods
@fresh_only
def provider_change(request: HttpRequest, key: str) -> HttpResponse:
    """Change a provider."""
    subject = subject_of(request)
    provider = services.get_provider(subject, key)
    form = form_for(provider.kind, request.POST or None, provider=provider)
    if form.is_valid():
        saved = attempt(
            form,
            lambda: services.update_provider(
                subject=subject, provider=provider, **with_metadata(provider.kind, form.cleaned_data)
            ),
        )
        if saved:
            messages.success(request, "Saved.")
            return redirect("identity:detail", key=key)
    crumbs = [(provider.name, f"/identity/{key}/"), ("Change", "")]
    return _form_page(request, form, f"Change {provider.name}", "Save", crumbs)


@login_required
@require_POST
def provider_check(request: HttpRequest, key: str) -> HttpResponse:
    """Ask the provider for what a sign-in needs, and say what is wrong."""
    provider = services.get_provider(subject_of(request), key)
    return _detail(request, provider, findings=check_provider(provider))


@login_required
@require_POST
@fresh_only
def provider_delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete a provider with all that hangs on it."""
    subject = subject_of(request)
    provider = services.get_provider(subject, key)
    services.delete_provider(subject=subject, provider=provider)
    messages.success(request, f"“{provider.name}” is gone, and nobody signs in through it any more.")
    return redirect("identity:list")


@login_required
@require_POST
@fresh_only
def rule_create(request: HttpRequest, key: str) -> HttpResponse:
    """Add a rule."""
    subject = subject_of(request)
    provider = services.get_source(subject, key)
    form = RuleForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: services.add_rule(subject=subject, provider=provider, **data)):
            messages.success(request, "The rule holds from the next sign-in of each person.")
            return redirect("identity:detail", key=key)
    return _detail(request, provider, rule_form=form)


@login_required
@require_POST
@fresh_only
def rule_delete(request: HttpRequest, key: str, uid: uuid.UUID) -> HttpResponse:
    """Take a rule away."""
    subject = subject_of(request)
    provider = services.get_source(subject, key)
    rule = GroupRule.objects.filter(provider_key=provider.key, uid=uid).first()
    if rule is None:
        raise NotFound("There is no such rule.")
    services.delete_rule(subject=subject, rule=rule)
    messages.success(request, "The rule is gone. Memberships end at the next sign-in of each person.")
    return redirect("identity:detail", key=key)


@login_required
@require_POST
@fresh_only
def group_create(request: HttpRequest, key: str) -> HttpResponse:
    """Make the group of a claim value before its first member comes."""
    subject = subject_of(request)
    provider = services.get_source(subject, key)
    form = ProviderGroupForm(request.POST)
    if form.is_valid():
        value = form.cleaned_data["value"]
        group = attempt(form, lambda: services.add_provider_group(subject=subject, provider=provider, value=value))
        if group:
            messages.success(request, f"“{group.name}” is there. Give it a role in a space next.")
            return redirect("people:group", pk=group.pk)
    return _detail(request, provider, group_form=form)


def _form_page(
    request: HttpRequest, form: ProviderForm, title: str, verb: str, crumbs: list[tuple[str, str]]
) -> HttpResponse:
    values: dict[str, Any] = {
        "crumbs": [CRUMB, *crumbs], "form": form, "title": title, "verb": verb,
        "back": [CRUMB, *crumbs][-2][1], "sections": sections_of(form),
    }  # fmt: skip
    return render(request, "portal/identity/provider_form.html", values, status=422 if form.errors else 200)
