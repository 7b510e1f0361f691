"""The style sheet that pages link, assembled from its parts."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders

from portal.ui import stylesheet
from portal.ui.finders import VENDOR, NodeModulesFinder


def test_it_puts_tokens_before_components_and_the_framework_into_a_layer() -> None:
    text = stylesheet.assemble()
    assert text.startswith("@layer framework {")
    assert text.index("--space-1:") < text.index(".button {")
    assert "sourceMappingURL" not in text


def test_it_is_found_under_the_name_that_pages_link() -> None:
    found = finders.find(stylesheet.NAME)
    assert found is not None
    assert Path(found).read_text(encoding="utf-8") == stylesheet.assemble()


def test_it_collects_everything_that_is_vendored() -> None:
    assert {name for name, _ in NodeModulesFinder().list(None)} == {*VENDOR, stylesheet.NAME}


def test_it_names_only_tokens_that_exist() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in stylesheet.parts())
    used = set(re.findall(r"var\((--[a-z0-9-]+)", text))
    defined = set(re.findall(r"(--[a-z0-9-]+):", text))
    assert used - defined == set()


def test_it_loads_within_the_page_budget() -> None:
    names = ["css/callboard.css", "django_htmx/htmx-2.min.js", "vendor/htmx-ext-sse.js", "js/callboard.js"]
    names += [
        f"js/{name}.js" for name in ("menus", "search", "toasts", "copy", "times", "theme", "logs", "requests", "slugs")
    ]
    files = [Path(str(finders.find(name))) for name in names]
    weight = sum(len(gzip.compress(path.read_bytes())) for path in files)
    weight += Path(str(finders.find("vendor/inter.woff2"))).stat().st_size
    assert weight < 160_000
