"""Loading the demo. Safe to repeat: what is there stays as it is."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from catalog.ingestion import demo
from portal.accounts.subjects import Subject
from portal.lib.archives import pack
from portal.spaces.models import ROOT_SLUG, Space
from portal.spaces.services import create_space
from scaffolder.runs.services import trigger_run
from scaffolder.stacks.models import Stack
from scaffolder.stacks.services import create_stack

FOLDER = Path(__file__).resolve().parent
SPACES = {
    "box-office": ("Box Office", "Seats, prices, payments."),
    "stagecraft": ("Stagecraft", "What happens on stage, on cue."),
    "front-of-house": ("Front of House", "The programme and everything that visitors see."),
    "rigging": ("Rigging", "Clusters, networks and what every team builds upon."),
}
BLUEPRINTS = ("new-service", "environment")
EXAMPLE = "seat-map-preview"


def load_demo(*, subject: Subject) -> int:
    """Make the demo's spaces, entities, blueprints and one environment; how many catalog files that is."""
    root = Space.objects.get(slug=ROOT_SLUG)
    spaces = {slug: _space(subject, root, slug) for slug in SPACES}
    locations = demo.load(subject=subject, space=root, spaces=spaces)
    locations += [demo.load_file(subject, FOLDER / name / "template.yaml", root) for name in BLUEPRINTS]
    if not Stack.objects.filter(slug=EXAMPLE).exists():
        _environment(subject, spaces["box-office"])
    return len(locations)


def _space(subject: Subject, root: Space, slug: str) -> Space:
    name, description = SPACES[slug]
    found = Space.objects.filter(slug=slug).first()
    return found or create_space(subject=subject, parent=root, slug=slug, name=name, description=description)


def _environment(subject: Subject, space: Space) -> None:
    """One stack that is provisioned as soon as a worker is there, so that the first look shows something real."""
    stack = create_stack(
        subject=subject,
        space=space,
        slug=EXAMPLE,
        name="Seat map preview",
        description="A preview environment of the seat map, made by the demo.",
        tool="ansible",
        bundle=pack(FOLDER / "environment" / "stack"),
        labels=["stage:preview"],
        entity_ref="component:default/seat-map",
        is_autodeployed=True,
        variables={
            "environment_name": EXAMPLE,
            "stage": "preview",
            "replicas": "2",
            "place": str(settings.DATA_DIR / "environments" / EXAMPLE),
        },
    )
    trigger_run(subject=subject, stack=stack)
