"""A location that is unregistered or moved while it is read: nothing fails, and nothing of it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.entities.models import Entity
from catalog.ingestion import reading
from catalog.ingestion.models import Location
from catalog.ingestion.services import move_location, read_now, register_location, unregister_location
from portal.accounts.subjects import person, system
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
TEXT = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {name}}}
spec: {{type: service, lifecycle: production, owner: crew}}
"""


@pytest.fixture
def location(cast: Cast, tmp_path: Path) -> Location:
    (tmp_path / "one.yaml").write_text(TEXT.format(name="one"))
    (tmp_path / "two.yaml").write_text(TEXT.format(name="two"))
    return register_location(
        subject=system(), type="file", target=str(tmp_path / "one.yaml"), space=cast.space, publish=False
    )


def test_one_that_goes_while_it_is_read_leaves_nothing(
    location: Location, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = reading._Reader._put

    def late(reader: reading._Reader, batch: list[object]) -> None:
        found = Location.objects.filter(pk=location.pk).first()
        if found:
            unregister_location(subject=person(cast.operator), location=found)
        put(reader, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(reading._Reader, "_put", late)
    read_now(location.pk)
    assert not Entity.objects.exists()


def test_one_that_moves_while_it_is_read_is_read_from_the_new_address(
    location: Location, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = reading._Reader._put

    def late(reader: reading._Reader, batch: list[object]) -> None:
        monkeypatch.setattr(reading._Reader, "_put", put)
        found = Location.objects.get(pk=location.pk)
        move_location(subject=person(cast.operator), location=found, type="file", target=str(tmp_path / "two.yaml"))
        put(reader, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(reading._Reader, "_put", late)
    read_now(location.pk)
    read_now(location.pk)
    assert list(Entity.objects.filter(kind="Component").values_list("name", flat=True)) == ["two"]
    assert Location.objects.get().target.endswith("two.yaml")
