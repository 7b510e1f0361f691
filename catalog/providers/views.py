"""Pages of providers: what there is, how it went, what was rejected and why; setting one up; webhooks."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.entities.linking import entity_url
from catalog.ingestion.models import Location
from catalog.ingestion.problems import told_problems
from catalog.providers import services
from catalog.providers.forms import ProviderForm, form_class, initial_of
from catalog.providers.models import FoundFile, Hook, Kind, Provider, Repository
from catalog.providers.policies import Permission
from catalog.providers.querysets import add_counts, entities_of, problems_of
from catalog.providers.webhooks import services as webhooks
from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject
from portal.lib.errors import Forbidden, NotFound
from portal.spaces import access
from portal.ui.forms import attempt
from portal.ui.spaces import chosen_space, narrow

CRUMBS = [("Catalog", "/catalog/"), ("Providers", "/catalog/-/providers/")]
_PAGE = 50
_MOST_SHOWN = 200
_COUNTS = {
    "repositories": "Repositories", "skipped": "Left out", "files": "Catalog files", "read_again": "Read again",
    "users": "People", "groups": "Groups", "entities": "Entities", "accepted": "Accepted", "rejected": "Rejected",
    "added": "Added", "changed": "Changed", "unchanged": "Unchanged", "removed": "Removed", "errors": "Errors",
}  # fmt: skip
_LABELS = {
    "url": "Address", "api_url": "API", "owner": "Owner", "path": "File", "names": "Names", "topics": "Topics",
    "exclude_topics": "Without topics", "branch": "Branch", "with_archived": "Archived ones too",
    "with_forks": "Forks too", "bind_dn": "Account", "is_starttls": "StartTLS", "uuid_attribute": "Identifier",
    "namespace": "Namespace", "users": "People below", "groups": "Groups below",
}  # fmt: skip
form_methods = require_http_methods(["GET", "HEAD", "POST"])


def get_provider_for(subject: Subject, name: str, permission: str = Permission.PROVIDER_READ) -> Provider:
    """The provider with the right to it."""
    rows = Provider.objects.select_related("space", "home", "created_by", "hook")
    return access.get_for(subject, rows, permission, name=name.replace("\x00", ""))


@login_required
@require_safe
def provider_list(request: HttpRequest) -> HttpResponse:
    """Every provider that the subject may see, with how its last reading went."""
    subject = subject_of(request)
    found = narrow(request, access.visible_to(subject, Provider.objects.select_related("space")))
    if text := request.GET.get("q", "").replace("\x00", "").strip():
        found = found.filter(name__icontains=text)
    page = Paginator(found.order_by("name"), _PAGE).get_page(request.GET.get("page"))
    add_counts(list(page.object_list))
    values = {
        "crumbs": [CRUMBS[0], ("Providers", "")],
        "page": page,
        "kinds": Kind.choices,
        "create_refusal": "" if access.reach(subject, Permission.PROVIDER_MANAGE) else _WHOM_TO_ASK,
    }
    return render(request, "catalog/providers/list.html", values)


_WHOM_TO_ASK = "You may not set up providers in any space. Ask an admin of a space for the role Admin."


@login_required
@require_safe
def provider_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One provider: when it was read, what it gave, what was rejected and why."""
    subject = subject_of(request)
    provider = get_provider_for(subject, name)
    entities = entities_of(subject, provider).order_by("kind_key", "name_key")
    problems = problems_of(provider).order_by("-seen_at", "pk")
    repositories = Repository.objects.filter(provider=provider)
    values = {
        "crumbs": [*CRUMBS, (provider.name, "")],
        "provider": provider,
        "counts": [(words, provider.outcome[name]) for name, words in _COUNTS.items() if name in provider.outcome],
        "rows": [
            (entity, entity_url(entity.ref)) for entity in entities.only("ref", "kind", "title", "name")[:_MOST_SHOWN]
        ],
        "total": entities.count(),
        "problems": told_problems(subject, problems[:_MOST_SHOWN]),
        "problem_total": problems.count(),
        "files": _files(subject, provider),
        "repositories": repositories.exclude(skipped="", error="").order_by("name")[:_MOST_SHOWN],
        "repository_total": repositories.count(),
        "options": _shown_options(provider),
        "hook": Hook.objects.filter(provider=provider).first() if provider.is_host else None,
        "refusals": {
            "refresh": _refusal(subject, Permission.PROVIDER_REFRESH, provider),
            "manage": _refusal(subject, Permission.PROVIDER_MANAGE, provider),
        },
    }
    return render(request, "catalog/providers/detail.html", values)


def _files(subject: Subject, provider: Provider) -> list[FoundFile]:
    found = FoundFile.objects.filter(repository__provider=provider).select_related("repository", "location")
    rows = list(found.order_by("repository__name", "path")[:_MOST_SHOWN])
    taken = {row.target for row in rows if row.location is None}
    others = Location.objects.filter(type="url", target__in=taken)
    seen = {location.target: location for location in access.visible_to(subject, others)}
    for row in rows:
        row.other = seen.get(row.target)  # type: ignore[attr-defined]
    return rows


def _shown_options(provider: Provider) -> list[tuple[str, str]]:
    """Options that say something, in words; long texts are not repeated."""
    rows: list[tuple[str, str]] = []
    for name, value in provider.options.items():
        if isinstance(value, dict):
            value = f"{value['dn']} {value['filter']}" if value.get("dn") else ""
        if isinstance(value, list):
            value = ", ".join(value)
        if value not in ("", False) and name != "ca":
            rows.append((_LABELS[name], "yes" if value is True else str(value)))
    return rows


def _refusal(subject: Subject, permission: str, provider: Provider) -> str:
    return "" if access.can(subject, permission, provider) else access.refusal(permission, provider.space)


@login_required
@form_methods
def provider_create(request: HttpRequest, kind: str) -> HttpResponse:
    """Set up a provider of one kind."""
    subject = subject_of(request)
    if not access.reach(subject, Permission.PROVIDER_MANAGE):
        raise Forbidden(_WHOM_TO_ASK)
    if kind not in Kind.values:
        raise NotFound("There is no such kind of provider.")
    space = chosen_space(request)
    form = form_class(kind)(
        request.POST or None, subject=subject, kind=kind, initial={"space": space.slug if space else ""}
    )
    if form.is_valid():
        made = attempt(form, lambda: services.create_provider(subject=subject, kind=kind, **form.values()))
        if made is not None:
            words = "It is being read; this page shows what comes of it." if made.is_read else "Push to it now."
            messages.success(request, f"“{made.name}” is there. {words}")
            return redirect("providers:detail", made.name)
    title = f"New provider: {Kind(kind).label}"
    return _form_page(request, form, title, "Set it up", reverse("providers:list"))


@login_required
@form_methods
def provider_change(request: HttpRequest, name: str) -> HttpResponse:
    """Change a provider."""
    subject = subject_of(request)
    provider = get_provider_for(subject, name, Permission.PROVIDER_MANAGE)
    form = form_class(provider.kind)(
        request.POST or None, subject=subject, kind=provider.kind, provider=provider, initial=initial_of(provider)
    )
    if form.is_valid():
        values = form.values()

        def save() -> bool:
            services.update_provider(subject=subject, provider=provider, **values)
            return True

        if attempt(form, save):
            messages.success(request, "Saved.")
            return redirect("providers:detail", provider.name)
    back = reverse("providers:detail", args=[provider.name])
    return _form_page(request, form, f"Change {provider.name}", "Save", back)


def _form_page(request: HttpRequest, form: ProviderForm, title: str, verb: str, back: str) -> HttpResponse:
    values = {"crumbs": [*CRUMBS, (title, "")], "form": form, "title": title, "verb": verb, "back": back, "intro": ""}
    return render(request, "portal/ui/form_page.html", values, status=422 if form.errors else 200)


@login_required
@form_methods
def provider_delete(request: HttpRequest, name: str) -> HttpResponse:
    """Show what goes with a provider, and remove it."""
    subject = subject_of(request)
    provider = get_provider_for(subject, name, Permission.PROVIDER_MANAGE)
    if request.method == "POST":
        count = services.delete_provider(subject=subject, provider=provider)
        messages.success(request, f"“{name}” is gone, with {count} entit{'y' if count == 1 else 'ies'}.")
        return redirect("providers:list")
    entities = entities_of(subject, provider).order_by("kind_key", "name_key")
    values = {
        "crumbs": [*CRUMBS, (provider.name, reverse("providers:detail", args=[provider.name])), ("Delete", "")],
        "provider": provider,
        "rows": [
            (entity, entity_url(entity.ref)) for entity in entities.only("ref", "kind", "title", "name")[:_MOST_SHOWN]
        ],
        "total": entities.count(),
    }
    return render(request, "catalog/providers/delete.html", values)


@login_required
@require_POST
def provider_refresh(request: HttpRequest, name: str) -> HttpResponse:
    """Have a provider read again."""
    subject = subject_of(request)
    provider = get_provider_for(subject, name)
    services.refresh_provider(subject=subject, provider=provider)
    messages.success(request, "It will be read again in a moment.")
    return redirect("providers:detail", provider.name)


@login_required
@require_POST
def provider_hook(request: HttpRequest, name: str) -> HttpResponse:
    """Make the webhook of a provider, or give it a new secret."""
    subject = subject_of(request)
    provider = get_provider_for(subject, name)
    _tell(request, webhooks.make_hook(subject=subject, provider=provider))
    return redirect("providers:detail", provider.name)


@login_required
@require_POST
def location_hook(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Make the webhook of a location, or give it a new secret."""
    subject = subject_of(request)
    location = access.get_for(subject, Location.objects.select_related("space"), uid=uid)
    _tell(request, webhooks.make_hook(subject=subject, location=location))
    return redirect("catalog:location", location.uid)


def _tell(request: HttpRequest, hook: Hook) -> None:
    messages.success(request, f"Address: {hook.address} — secret, shown this once: {hook.secret}")


@login_required
@require_POST
def hook_delete(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Remove a webhook."""
    subject = subject_of(request)
    hook = webhooks.get_hook(subject, uid)
    webhooks.delete_hook(subject=subject, hook=hook)
    messages.success(request, "The webhook is gone; its address takes nothing any more.")
    if hook.provider is not None:
        return redirect("providers:detail", hook.provider.name)
    return redirect("catalog:location", hook.location.uid if hook.location else uid)
