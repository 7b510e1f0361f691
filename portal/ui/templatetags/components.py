"""The manual of shared pieces. Pages compose them and style nothing themselves; no ``{% load %}`` is needed.

A page
    {% extends "base.html" %}
    {% block title %}Stacks{% endblock %}
    {% block content %}{% page_header "Stacks" subtitle="…" %}…{% endpage_header %} … {% endblock %}
    Context: ``crumbs`` = [("Stacks", "/stacks/"), ("network", "")] for the top bar (last one is the page itself).
    Blocks: title, content, aside (a second column at the right, 20rem), scripts ({% script_module "run" %}).
    A fragment is ``_name.html`` beside the page, which includes it; ``portal.ui.requests.wants_fragment(request)``.
    Flash: ``django.contrib.messages`` become toasts; from htmx answers ``portal.ui.toasts.toast(response, "Saved", "ok")``.
    Chosen space: ``portal.ui.spaces.narrow(request, queryset)`` keeps rows of the space picked in the header and below it.

Block components: {% name … %} content {% endname %}; {% slot "actions" %} … {% endslot %} inside fills a named place.
Everything takes hx_…, data_…, aria_…, sse_…, id, name, value, title, target … where it says **attrs (``hx_get=url`` → hx-get).

SIGNS
    {% icon "layers" size="sm|md|lg|xl" label="" tone="" %}     names: https://lucide.dev; {{ entity.kind|kind_icon }} gives one
    {% status run.state label="" tone="" icon_name="" %}        pill; tone and icon follow the state's name
    {{ state|state_tone }}                                      neutral accent ok running waiting failed drifted muted
    {% badge "library" tone="neutral" icon_name="" href="" mono=False %}
    {% avatar user_or_name size="sm|md|lg" %}   {% person_line user detail="" %}
    {% ago when missing="never" %}   {% duration seconds_or_timedelta %}
    {% diff_counts add=2 change=1 delete=0 size="md|lg" %}

ACTIONS
    {% button "Text" href="" variant="secondary|primary|quiet|danger|danger-quiet" icon_name="" size="md|sm"
              type="button|submit" reason="why it is disabled" opens="modal-id" icon_only=False trailing="icon" **attrs %}
    {% post_button "Delete" action=url variant="danger-quiet" icon_name="trash-2" confirm="Delete it?" confirm_text="What goes."
              reason="" name="" value="" icon_only=False **attrs %}        a form of its own, CSRF included
    {% modal "id" "Title" size="md|lg" %} … {% slot "actions" %} … {% endslot %}{% endmodal %}
    {% menu "More" icon_name="ellipsis" variant="quiet" icon_only=True align="end|start" %}
        {% menu_label "…" %} {% menu_item "Edit" href icon_name="" reason="" current=False **attrs %} {% menu_line %}
        {% menu_post "Delete" action icon_name="" tone="failed" name="" value="" **attrs %}
    {% endmenu %}
    {% copy text label="Copy" show=False %}                     show: the text in monospace before the button

FRAMES
    {% page_header title subtitle="" kind="Component" icon_name="" %} slots: badges, actions, meta; content below {% endpage_header %}
    {% card "Title" icon_name="" href="" tone="" flush=False id="" count="" %} slots: actions, footer {% endcard %}
    {% section "Title" text="" id="" %} slot: actions {% endsection %}
    {% tabs %}{% tab "Overview" href current=True icon_name="" count=3 **attrs %}{% endtabs %}
    {% facts layout="rows|grid|stacked" %}{% fact "Owner" hint="" %}<a …>{% endfact %}{% fact_line "Branch" value mono=True href="" %}{% endfacts %}
    {% callout tone="waiting" title="…" icon_name="" %}words{% slot "actions" %}…{% endslot %}{% endcallout %}
    {% empty "No stacks yet" text="…" icon_name="layers" small=False %}{% button … %}{% endempty %}

LISTS
    {% table "Name:name" "Owner" "#Runs" "!Actions" caption="Stacks" dense=False id="" %}
        <tr><td data-label="Name">…</td><td data-label="Owner">…</td><td class="num" data-label="Runs">3</td><td class="actions">…</td></tr>
    {% endtable %}      ":key" sorts by ?sort=key / -key, "#" aligns numbers, "!" hides the heading. The cell that names the
                        row has class="primary"; a second grey line is <small>…</small>.
    {% filters target="#stack-list" q=True placeholder="Filter…" keep="sort" %}
        {% facet "Kind" "kind" options single=False %}          options: [{"value", "label"?, "count"?, "is_selected"?}]
        {% slot "chips" %}{% chip "team-a" remove=url %}{% endslot %}{% slot "actions" %}…{% endslot %}
    {% endfilters %}                                            plain GET form; with target= htmx swaps that element
    {% count_line total "stack" plural="" of=None %}            aria-live
    {% pagination page_obj noun="stack" target="#stack-list" %}   {% cursor_pagination previous=url next=url total=None noun="" %}
    {% link_query sort="name" page=None %}                      "?…" with the current query changed
    {% tree nodes label="" %}                                   [{"label", "url", "icon", "detail", "is_current", "children"}]

FORMS
    {% form_fields form %}                                      all fields and errors of a Django form
    {% form_field bound_or_PlainField label="" help="" wide=False %}    PlainField: portal/ui/fields.py
    {% form_errors form_or_list %}   {% form_actions %}{% button "Save" type="submit" variant="primary" %}{% endform_actions %}
    <form class="form" method="post">{% csrf_token %} … </form>         .form-wide for the full width, .form-grid for two columns

FIGURES
    {% tile "Failed runs" 3 href="" icon_name="" tone="failed" hint="last 7 days" chart=svg %}   in <div class="tiles">
    {% sparkline values "in words" tone="accent" %}   {% mini_bars rows "in words" %}   rows: [{"label", "value", "tone"?}]
    {% ratio parts "in words" legend=True %}                    parts: [{"label", "value", "tone", "href"?}]
    {% progress value total "3 of 7 done" tone="" %}
    {% steps rows vertical=False %}                             rows: [{"label", "state", "href"?, "detail"?, "current"?}]

TEXTS
    {% log_frame id="log" sse_url="" sse_event="line" sse_close="end" download=url %}
        {% slot "head" %}…{% endslot %}{% for line in lines %}{% log_line line.text number=line.number at=line.at level="error" %}{% endfor %}
    {% endlog_frame %}      stream rows with portal.ui.components.texts.log_line(...); {% log_group "Plan" %} is a heading
    {% code text "yaml" title="" wrap=False %}

UTILITY CLASSES (static/css/base.css; besides, Bootstrap's utilities: d-flex, mb-3, text-end, w-100, visually-hidden …)
    flow (children below each other with a gap; flow-sm, flow-lg)   cluster (children in a wrapping row; cluster-between)
    grid-2 grid-3 grid-auto (cards side by side)   split (main column and an aside)   tiles
    text-soft text-faint text-small text-large mono truncate nowrap num prose   tone-ok … tone-failed (colour of text and icons)
    list-plain   list-rows (a list of links with lines between; inside a flush card)   surface
Spacing tokens: --space-1 (4px) … --space-8; colours: see static/css/tokens.css. Never a style attribute, never an inline script.
"""

from portal.ui.components import actions, figures, forms, icons, layout, lists, pages, states, texts
from portal.ui.components.library import register

__all__ = ["actions", "figures", "forms", "icons", "layout", "lists", "pages", "register", "states", "texts"]
