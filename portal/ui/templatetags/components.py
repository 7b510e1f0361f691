"""The manual of shared pieces. Pages compose them and style nothing themselves; no ``{% load %}`` is needed.

A PAGE
    {% extends "base.html" %}
    {% block title %}Stacks{% endblock %}
    {% block content %}{% page_header "Stacks" subtitle="…" %}…{% endpage_header %} … {% endblock %}
    Context: ``crumbs`` = [("Stacks", "/stacks/"), ("network", "")] for the top bar; the last one is the page itself.
    Blocks: title, head, content, scripts ({% script_module "run" %} links static/js/run.js).
    A fragment is ``_name.html`` beside the page, which includes it; ``portal.ui.requests.wants_fragment(request)``.
    Messages: ``django.contrib.messages`` become toasts; htmx answers use ``portal.ui.toasts.toast(response, "Saved")``.
    Chosen space: ``portal.ui.spaces.narrow(request, queryset)`` keeps the space picked in the header, and below it.
    Forms over verbs: ``portal.ui.forms.attempt(form, lambda: verb(...))`` puts refusals on the fields;
    ``portal/ui/form_page.html`` is a whole page for one form (crumbs, form, title, verb, back, intro).
    Long trails: ``portal.ui.keyset.keyset_page(request, queryset)`` gives rows, newer, older for cursor_pagination.

Block components are {% name … %} content {% endname %}; {% slot "actions" %} … {% endslot %} inside fills a place.
``**attrs`` are hx_… sse_… data_… aria_… id name value title target rel form role autofocus; ``hx_get=url`` is hx-get.

SIGNS
    {% icon "layers" size="sm|md|lg|xl" label="" tone="" %}     names of https://lucide.dev; {{ kind|kind_icon }} is one
    {% status run.state label="" tone="" icon_name="" %}        a pill; tone and sign follow the state's name
    {{ state|state_tone }}                                      neutral accent ok running waiting failed drifted muted
    {% badge "library" tone="neutral" icon_name="" href="" mono=False %}
    {% avatar user_or_name size="sm|md|lg" %}                   {% person_line user detail="" %}
    {% ago when missing="never" %}                              {% duration seconds_or_timedelta %}
    {% diff_counts add=2 change=1 delete=0 size="md|lg" %}

ACTIONS
    {% button "Text" href="" variant="secondary|primary|quiet|danger|danger-quiet" icon_name="" size="md|sm"
              type="button|submit" reason="why disabled" opens="modal-id" icon_only=False trailing="icon" **attrs %}
    {% post_button "Delete" url variant="danger-quiet" icon_name="trash-2" confirm="Delete it?" confirm_text="…"
                   reason="" name="" value="" icon_only=False **attrs %}        a form of its own, CSRF included
    {% modal "id" "Title" size="md|lg" %} … {% slot "actions" %} … {% endslot %}{% endmodal %}
    {% menu "More" icon_name="ellipsis" variant="quiet" icon_only=True align="end|start" %}
        {% menu_label "…" %} {% menu_item "Edit" href icon_name="" reason="" current=False **attrs %} {% menu_line %}
        {% menu_post "Delete" action icon_name="" tone="failed" name="" value="" **attrs %}
    {% endmenu %}
    {% copy text label="Copy" show=False %}                     with show the text stands before the button

FRAMES
    {% page_header title subtitle="" kind="Component" icon_name="" %}{% endpage_header %}   slots badges, actions, meta
    {% card "Title" icon_name="" href="" tone="" flush=False id="" count="" %}{% endcard %} slots actions, footer
    {% section "Title" text="" id="" %}{% endsection %}                                     slot actions
    {% tabs %}{% tab "Overview" href current=True icon_name="" count=3 **attrs %}{% endtabs %}
    {% facts layout="rows|grid|stacked" %}
        {% fact "Owner" hint="" %}<a …>{% endfact %}{% fact_line "Branch" value mono=True href="" %}
    {% endfacts %}
    {% callout tone="waiting" title="…" icon_name="" %}words{% slot "actions" %}…{% endslot %}{% endcallout %}
    {% empty "No stacks yet" text="…" icon_name="layers" small=False %}{% button … %}{% endempty %}

LISTS
    {% table "Name:name" "Owner" "#Runs" "!Actions" caption="Stacks" dense=False id="" %}
        <tr><td class="primary" data-label="Name"><a …>…</a><small>second line</small></td>
            <td data-label="Owner">…</td><td class="num" data-label="Runs">3</td><td class="actions">…</td></tr>
    {% endtable %}      ":key" sorts by ?sort=key / -key, "#" aligns numbers, "!" hides the heading; on a phone rows are
                        cards that show data-label
    {% filters target="#stack-list" q=True placeholder="Filter…" label="" keep="sort" %}
        {% facet "Kind" "kind" options single=False %}          options: [{"value", "label"?, "count"?, "is_selected"?}]
        {% slot "chips" %}{% chip "team-a" remove=url %}{% endslot %}{% slot "actions" %}…{% endslot %}
    {% endfilters %}    a plain GET form; with target= htmx swaps that element, which must be in the answer
    {% count_line total "stack" plural="" of=None %}            aria-live
    {% pagination page_obj noun="stack" target="#stack-list" %}
    {% cursor_pagination previous=url next=url total=None noun="" target="" %}
    {% link_query sort="name" page=None %}                      "?…" with the current query changed
    {% tree nodes label="" %}                   [{"label", "url"?, "icon"?, "detail"?, "is_current"?, "children"?}]

FORMS
    <form class="form" method="post">{% csrf_token %} … </form> form-wide: full width, form-grid: two columns
    {% form_fields form %}                                      all fields and errors of a Django form
    {% form_field bound_or_PlainField label="" help="" wide=False %}    PlainField: portal/ui/fields.py
    {% form_errors form_or_list %}
    {% form_actions %}{% button "Save" type="submit" variant="primary" %}{% endform_actions %}

FIGURES
    {% tile "Failed runs" 3 href="" icon_name="" tone="failed" hint="last 7 days" chart=svg %}   in <div class="tiles">
    {% sparkline values "in words" tone="accent" %}             {% progress value total "3 of 7 done" tone="" %}
    {% mini_bars rows "in words" %}                             rows: [{"label", "value", "tone"?}]
    {% ratio parts "in words" legend=True %}                    parts: [{"label", "value", "tone", "href"?}]
    {% steps rows vertical=False %}             rows: [{"label", "state", "href"?, "detail"?, "current"?}]

TEXTS
    {% log_frame id="log" label="Log" sse_url="" sse_event="line" sse_close="end" download=url %}
        {% slot "head" %}…{% endslot %}{% slot "empty" %}…{% endslot %}
        {% for line in lines %}{% log_line line.text number=line.number at=line.at level="error" %}{% endfor %}
        {% log_group "Plan" state="" %}
    {% endlog_frame %}      stream rows as the HTML of ``portal.ui.components.texts.log_line(...)``
    {% code text "yaml" title="" wrap=False %}        {{ text|markdown }} (safe HTML; wrap it in class="prose")

UTILITY CLASSES (static/css/base.css; besides, Bootstrap's utilities: d-flex, mb-3, text-end, w-100, visually-hidden …)
    flow (children below each other with a gap; flow-sm, flow-lg)       cluster (a wrapping row; cluster-between)
    grid-2 grid-3 grid-auto (cards side by side)    split (main column and aside)    tiles    surface
    text-soft text-faint text-small text-large mono truncate nowrap num prose    tone-ok … tone-failed (colour)
    list-plain    list-rows (rows with lines between, in a flush card; <span class="row-end"> at the right)
Tokens: static/css/tokens.css. A new style sheet under static/css/components or pages is on every page by itself.
Never a style attribute, never an inline script or handler, no hx-on, no filter in hx-trigger: the policy refuses them.
"""

from portal.ui.components import actions, figures, forms, icons, layout, lists, markdown, pages, states, texts
from portal.ui.components.library import register

__all__ = [
    "actions",
    "figures",
    "forms",
    "icons",
    "layout",
    "lists",
    "markdown",
    "pages",
    "register",
    "states",
    "texts",
]
