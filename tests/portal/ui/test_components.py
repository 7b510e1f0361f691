"""Every component draws what its manual says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from portal.ui.components.icons import KIND_ICONS, icon_file
from portal.ui.components.states import TONE_OF, TONES
from portal.ui.fields import PlainField


def draw(source: str, query: str = "", **values: object) -> str:
    request = RequestFactory().get(f"/things/{query}")
    return Template(source).render(Context({"request": request, **values}))


def test_it_hides_decorative_icons_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "layers" %}')
    assert 'role="img" aria-label="Stack"' in draw('{% icon "layers" label="Stack" %}')


def test_it_draws_a_stand_in_for_unknown_icons_and_never_leaves_the_folder() -> None:
    assert draw('{% icon "no-such-icon" %}') == draw('{% icon "square-dashed" %}')
    assert draw('{% icon "../../bootstrap/package" %}') == draw('{% icon "square-dashed" %}')


def test_it_gives_states_their_tone_and_words() -> None:
    html = draw('{% status "replan_requested" %}')
    assert "status-waiting" in html
    assert "Replan requested" in html
    assert set(TONE_OF.values()) <= set(TONES)


def test_it_escapes_what_people_wrote() -> None:
    html = draw("{% badge text %}{% button text %}{% tile text text %}{% code text %}{% log_line text %}", text="<b>x")
    assert "<b>" not in html
    assert html.count("&lt;b&gt;") >= 5


def test_it_turns_further_arguments_into_attributes() -> None:
    html = draw('{% button "Go" href="/x/" hx_get="/y/" data_count=3 %}')
    assert 'hx-get="/y/"' in html
    assert 'data-count="3"' in html


def test_it_refuses_unknown_attributes() -> None:
    with pytest.raises(TemplateSyntaxError, match="unknown attribute 'onclick'"):
        draw('{% button "Go" onclick="x()" %}')


def test_it_says_why_a_button_is_disabled_and_keeps_it_reachable() -> None:
    html = draw('{% button "Delete" href="/x/" reason="Only admins may." %}')
    assert 'aria-disabled="true"' in html
    assert "Only admins may." in html
    assert "/x/" not in html


def test_it_posts_with_a_csrf_token_and_asks_first() -> None:
    html = draw('{% post_button "Delete" "/x/delete/" confirm="Delete it?" %}')
    assert "csrfmiddlewaretoken" in html
    assert re.search(r'popovertarget="(ask-[\w-]+)".*<dialog popover class="dialog" id="\1"', html, re.DOTALL)


def test_it_fills_slots_of_the_component_around_them_only() -> None:
    html = draw(
        '{% card "Outer" %}{% slot "actions" %}OUT{% endslot %}'
        '{% card "Inner" %}{% slot "actions" %}IN{% endslot %}body{% endcard %}{% endcard %}'
    )
    outer, inner = html.index("Outer"), html.index("Inner")
    assert outer < html.index("OUT") < inner < html.index("IN") < html.index("body")


def test_it_leaves_out_empty_slots() -> None:
    assert "card-actions" not in draw('{% card "A" %}x{% endcard %}')


def test_it_sorts_by_links_that_keep_the_filters() -> None:
    html = draw('{% table "Name:name" "#Runs" "!Actions" caption="Stacks" %}{% endtable %}', "?q=a&sort=name&page=3")
    assert 'aria-sort="ascending"' in html
    assert "?q=a&amp;sort=-name" in html
    assert 'class="num"' in html
    assert "<caption" in html


def test_it_keeps_the_text_and_the_picks_in_filters() -> None:
    html = draw(
        '{% filters target="#list" %}{% facet "Kind" "kind" options %}{% endfilters %}',
        "?q=pay&kind=api",
        options=[{"value": "api", "count": 3}, {"value": "component", "count": 0}],
    )
    assert 'value="pay"' in html
    assert 'value="api" checked' in html
    assert ">0<" in html
    assert 'hx-target="#list"' in html


def test_it_pages_with_numbers_and_says_how_many() -> None:
    page = Paginator(list(range(95)), 10).page(4)
    html = draw('{% pagination page noun="stack" %}', "?q=a&page=4", page=page)
    assert "31–40 of" in html.replace("\n", "")
    assert 'href="?q=a&amp;page=5"' in html
    assert 'aria-current="page">4<' in html


def test_it_pages_by_cursor() -> None:
    html = draw('{% cursor_pagination next="?cursor=x" %}')
    assert "Older" in html
    assert "Newer" not in html


def test_it_draws_a_tree() -> None:
    html = draw(
        "{% tree nodes %}", nodes=[{"label": "a", "url": "/a/", "children": [{"label": "b", "is_current": True}]}]
    )
    assert html.index("/a/") < html.index('aria-current="page"')


@pytest.mark.parametrize(
    "kind", ["text", "textarea", "code", "select", "multiselect", "radio", "checkboxes", "checkbox"]
)
def test_it_ties_label_control_help_and_errors_of_plain_fields(kind: str) -> None:
    field = PlainField(
        "owner", "Owner", kind, value=["b"], help="Who?", errors=["Pick one."], choices=[("a", "A"), ("b", "B")]
    )
    html = draw("{% form_field field %}", field=field)
    assert "Owner" in html
    assert 'id="id_owner_errors"' in html
    assert 'aria-describedby="id_owner_help id_owner_errors"' in html
    if kind in {"select", "multiselect", "radio", "checkboxes"}:
        assert re.search(r'value="b" (selected|checked)', html)
        assert not re.search(r'value="a" (selected|checked)', html)


def test_it_never_shows_the_value_of_a_password() -> None:
    assert "hunter2" not in draw("{% form_field f %}", f=PlainField("p", "Password", "password", value="hunter2"))


def test_it_refuses_unknown_kinds_of_fields() -> None:
    with pytest.raises(ValueError, match="not one of"):
        PlainField("x", "X", "slider")


def test_it_draws_numbers() -> None:
    html = draw(
        '{% sparkline values "runs" %}{% mini_bars rows "runs" %}{% ratio rows "health" %}{% diff_counts 2 0 1 %}',
        values=[1, 4, 2],
        rows=[{"label": "ok", "value": 3, "tone": "ok"}, {"label": "failed", "value": 1, "tone": "failed"}],
    )
    assert "polyline" in html
    assert html.count("<rect") == 4
    assert "style=" not in html
    assert "is-zero" in html


def test_it_draws_numbers_of_nothing() -> None:
    html = draw('{% sparkline values "none" %}{% mini_bars values "none" %}{% ratio values "none" %}', values=[])
    assert html.count("<svg") == 3


def test_it_colours_code_and_leaves_unknown_languages_plain() -> None:
    assert 'class="nt"' in draw('{% code "kind: API" "yaml" %}')
    assert "kind: API" in draw('{% code "kind: API" "no-such" %}')


def test_it_knows_an_icon_for_each_kind() -> None:
    assert [name for name in KIND_ICONS.values() if not icon_file(name).exists()] == []


def test_it_uses_only_icons_and_markup_that_exist() -> None:
    templates = list((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
    named = re.compile(r'(?:{% icon |icon_name=)"([a-z0-9-]+)"')
    missing = {
        f"{path.name}: {name}"
        for path in templates
        for name in named.findall(path.read_text(encoding="utf-8"))
        if not icon_file(name).exists()
    }
    inline = [
        path.name
        for path in templates
        if re.search(r"\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", path.read_text(encoding="utf-8"))
    ]
    assert missing == set()
    assert inline == []


def test_it_asks_htmx_for_nothing_that_the_policy_refuses() -> None:
    found = [
        path.name
        for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html")
        if re.search(r'hx-on|hx[-_]trigger="(?:[^"]*,\s*)?[\w:]+\[|hx[-_]vals="js:', path.read_text(encoding="utf-8"))
    ]
    assert found == []
