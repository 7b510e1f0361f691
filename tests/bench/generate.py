"""A catalog shaped like a company: domains, systems, teams, components, APIs, resources. Same size, same bytes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.lib import yaml

VERSION = "backstage.io/v1alpha1"
TYPES = ("service", "service", "service", "library", "website")
PER_FILE = 200


def entities(count: int) -> Iterator[dict[str, Any]]:
    """``count`` entities: of each hundred 70 components, 12 APIs, 10 resources, 4 systems, 3 groups, 1 domain."""
    dice = random.Random(count)
    hundred = max(1, count // 100)
    teams, systems, apis = hundred * 3, hundred * 4, hundred * 12
    for number in range(count):
        place, block = number % 100, number // 100
        team = f"team-{dice.randrange(teams)}"
        owned = {"owner": team, "lifecycle": "production"}
        if place < 70:
            spec = {"type": dice.choice(TYPES), "system": f"system-{dice.randrange(systems)}", **owned}
            spec["consumesApis"] = [f"api-{dice.randrange(apis)}" for _ in range(dice.randrange(3))]
            yield _entity("Component", f"component-{block * 70 + place}", spec, dice)
        elif place < 82:
            yield _entity(
                "API",
                f"api-{block * 12 + place - 70}",
                {"type": "openapi", "definition": "openapi: 3.1.0", **owned},
                dice,
            )
        elif place < 92:
            yield _entity("Resource", f"resource-{block * 10 + place - 82}", {"type": "database", "owner": team}, dice)
        elif place < 96:
            yield _entity(
                "System", f"system-{block * 4 + place - 92}", {"owner": team, "domain": f"domain-{block}"}, dice
            )
        elif place < 99:
            yield _entity("Group", f"team-{block * 3 + place - 96}", {"type": "team", "children": []}, dice)
        else:
            yield _entity("Domain", f"domain-{block}", {"owner": team}, dice)


def _entity(kind: str, name: str, spec: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    metadata = {
        "name": name,
        "title": name.replace("-", " ").capitalize(),
        "description": f"{kind} number {name.rsplit('-', 1)[-1]} of a generated company, with words of usual length.",
        "labels": {"tier": str(dice.randrange(1, 4)), "region": dice.choice(["eu", "us", "ap"])},
        "tags": sorted({f"tag-{dice.randrange(40)}" for _ in range(3)}),
        "annotations": {"example.com/slug": f"company/{name}"},
    }
    return {"apiVersion": VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def write(folder: Path, count: int) -> None:
    """Write the catalog as files of ``PER_FILE`` documents."""
    folder.mkdir(parents=True)
    batch: list[str] = []
    for number, entity in enumerate(entities(count), start=1):
        batch.append(yaml.dump(entity))
        if len(batch) == PER_FILE or number == count:
            (folder / f"part-{number:06}.yaml").write_text("---\n".join(batch))
            batch = []
