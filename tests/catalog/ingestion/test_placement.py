"""A space with entities does not leave the space of the location that gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.entities.models import Entity
from portal.accounts.subjects import person
from portal.lib.errors import Conflict
from portal.spaces.moves import move_space
from tests.conftest import Cast
from tests.factories.catalog import make_location
from tests.factories.portal import make_space

pytestmark = pytest.mark.django_db


def narrowed(folder: Path, slug: str) -> Path:
    path = folder / "catalog-info.yaml"
    path.write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
        f"metadata: {{name: lamp, annotations: {{callboard.io/space: {slug}}}}}\n"
        "spec: {type: service, lifecycle: production, owner: team-a}\n"
    )
    return path


def test_a_space_that_a_location_put_entities_into_stays_below_it(cast: Cast, tmp_path: Path) -> None:
    loft = make_space("loft", cast.space)
    make_location(cast.space, narrowed(tmp_path, "loft"))
    assert Entity.objects.get(name="lamp").space == loft
    with pytest.raises(Conflict, match="component:default/lamp"):
        move_space(subject=person(cast.operator), space=loft, parent=cast.sibling)


def test_it_moves_with_the_space_of_its_location(cast: Cast, tmp_path: Path) -> None:
    loft = make_space("loft", cast.space)
    make_location(loft, narrowed(tmp_path, "loft"))
    move_space(subject=person(cast.operator), space=loft, parent=cast.sibling)
    loft.refresh_from_db()
    assert loft.parent == cast.sibling
