"""Pages of login policies: the list, and one policy with its trial, its notices and its samples."""

from __future__ import annotations

import difflib
import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import fresh_only
from portal.login_policies import services
from portal.login_policies.forms import START, PolicyForm, TryForm
from portal.login_policies.models import LoginPolicy, PolicySample
from portal.login_policies.policies import check_manage
from portal.login_policies.trying import Trial, try_policy
from portal.ui.forms import attempt

CRUMB = ("Login policies", "/login-policies/")
TRY = "try"


@login_required
@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """All policies, and what happens without one."""
    check_manage(subject_of(request))
    policies = LoginPolicy.objects.annotate(notice_count=Count("notices"))
    enabled = sum(policy.is_enabled for policy in policies)
    values = {"crumbs": [("Login policies", "")], "policies": policies, "enabled": enabled}
    return render(request, "portal/login_policies/policies.html", values)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_only
def policy_create(request: HttpRequest) -> HttpResponse:
    """Write a policy; try it out first."""
    subject = subject_of(request)
    check_manage(subject)
    form = PolicyForm(request.POST or None, initial={"body": START, "version": "v1"})
    if _is_saving(request) and form.is_valid():
        made = attempt(
            form,
            lambda: services.create_policy(subject=subject, keep=request.session.session_key, **form.cleaned_data),
        )
        if made:
            messages.success(request, f"“{made.name}” is there{_in_force(made)}.")
            return redirect("login_policies:policy", uid=made.uid)
    return _editor(request, form, LoginPolicy())


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_only
def policy(request: HttpRequest, uid: str) -> HttpResponse:
    """One policy: change it, try it out, see what it did."""
    subject = subject_of(request)
    found = services.get_policy(subject, uid)
    names = ("name", "description", "labels", "version", "is_enabled", "body")
    form = PolicyForm(request.POST or None, initial={name: getattr(found, name) for name in names})
    if _is_saving(request) and form.is_valid():
        saved = attempt(
            form,
            lambda: services.update_policy(
                subject=subject, policy=found, keep=request.session.session_key, **form.cleaned_data
            ),
        )
        if saved:
            messages.success(request, f"Saved{_in_force(saved)}.")
            return redirect("login_policies:policy", uid=uid)
        found.refresh_from_db()
    return _editor(request, form, found)


@login_required
@require_POST
@fresh_only
def policy_delete(request: HttpRequest, uid: str) -> HttpResponse:
    """Delete a policy."""
    subject = subject_of(request)
    found = services.get_policy(subject, uid)
    services.delete_policy(subject=subject, policy=found, keep=request.session.session_key)
    messages.success(request, f"“{found.name}” is gone.")
    return redirect("login_policies:list")


@login_required
@require_POST
def notices_clear(request: HttpRequest, uid: str) -> HttpResponse:
    """Take the notices away."""
    subject = subject_of(request)
    services.clear_notices(subject=subject, policy=services.get_policy(subject, uid))
    return redirect("login_policies:policy", uid=uid)


def _is_saving(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get("act") != TRY


def _in_force(policy: LoginPolicy) -> str:
    return ", and in force from the next sign-in on" if policy.is_enabled else ""


def _editor(request: HttpRequest, form: PolicyForm, saved: LoginPolicy) -> HttpResponse:
    is_trying = request.method == "POST" and not _is_saving(request)
    sample = _sample(request, saved)
    initial = {"provider": "password", "input": json.dumps(sample.input, indent=2) if sample else ""}
    try_form = TryForm(request.POST if is_trying else None, initial=initial)
    trial = _trial(request, form, try_form, saved) if is_trying else None
    has_failed = bool(form.errors or try_form.errors)
    title = saved.name or "New login policy"
    values: dict[str, Any] = {
        "crumbs": [CRUMB, (title, "")], "title": title, "policy": saved if saved.pk else None, "form": form,
        "try_form": try_form, "trial": trial, "sample": sample,
        "sample_diff": _difference(sample, saved) if sample else "",
        "notices": saved.notices.all() if saved.pk else [],
        "samples": saved.samples.all().fresh().defer("input", "body") if saved.pk else [],
    }  # fmt: skip
    return render(request, "portal/login_policies/policy.html", values, status=422 if has_failed else 200)


def _trial(request: HttpRequest, form: PolicyForm, try_form: TryForm, saved: LoginPolicy) -> Trial | None:
    """What the text in the form would say, without saving it; None where something must be mended first."""
    body, version = request.POST.get("body", "").replace("\r\n", "\n"), request.POST.get("version", "")
    if not all([form.is_valid(), try_form.is_valid()]):
        return None
    for problem in services.problems_of(body, version):
        form.add_error("body", str(problem))
    if form.errors:
        return None
    draft = LoginPolicy(uid=saved.uid, name=saved.name, body=body, version=version)
    document, is_exempt = try_form.asked()
    return try_policy(subject=subject_of(request), policy=draft, input=document, is_exempt=is_exempt)


def _sample(request: HttpRequest, saved: LoginPolicy) -> PolicySample | None:
    uid = request.GET.get("sample", "")
    return next((row for row in saved.samples.all().fresh() if str(row.uid) == uid), None) if saved.pk and uid else None


def _difference(sample: PolicySample, saved: LoginPolicy) -> str:
    before, now = sample.body.splitlines(), saved.body.splitlines()
    return "\n".join(difflib.unified_diff(before, now, "then", "now", lineterm=""))
