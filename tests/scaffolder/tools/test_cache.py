"""One cache of providers for all runs: used by one at a time, and never waited for without end."""

from pathlib import Path

import pytest

from scaffolder.tools.opentofu import cache
from scaffolder.tools.opentofu.cache import provider_cache
from tests.scaffolder.tools.conftest import Site

VARIABLE = "TF_PLUGIN_CACHE_DIR"


def test_it_is_used_by_one_run_at_a_time(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_WAIT_SECONDS", 0.05)
    monkeypatch.setattr(cache, "_POLL_SECONDS", 0.01)
    with provider_cache(tmp_path / "cache", site.workspace()) as first:
        assert first[VARIABLE] == str(tmp_path / "cache/providers")
        with provider_cache(tmp_path / "cache", site.workspace()) as second:
            assert second[VARIABLE] == ""
    with provider_cache(tmp_path / "cache", site.workspace()) as third:
        assert third == first


def test_it_is_not_waited_for_by_a_run_that_is_to_stop(site: Site, tmp_path: Path) -> None:
    stopped = site.workspace(cancelled=lambda: "Stopped by ada.")
    with provider_cache(tmp_path, site.workspace()), provider_cache(tmp_path, stopped) as second:
        assert second[VARIABLE] == ""


def test_it_switches_off_a_cache_that_the_project_chose(site: Site) -> None:
    with provider_cache(None, site.workspace()) as settings:
        assert set(settings.values()) == {""}
