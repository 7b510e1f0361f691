"""The main job, end to end: find, fill in a form, get a repository and a stack, provision, change, destroy.

A member of a sibling space tries every address on the way and sees nothing.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.people import sign_in_by_sso
from tests.journeys.portal import Portal, wait_until

MAIN_TF = """
variable "size" {
  type    = number
  default = 1
}

variable "password" {
  type      = string
  sensitive = true
}

resource "terraform_data" "bucket" {
  count = var.size
  input = "bucket-${count.index}"
}

resource "terraform_data" "door" {
  input = "open"
}

output "names" {
  value = terraform_data.bucket[*].output
}
"""
STACK_TEMPLATE = """
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata:
  name: storage
  title: Storage for a component
spec:
  owner: group:default/platform
  type: infrastructure
  parameters:
    - title: What and how much
      required: [name, component]
      properties:
        name: {type: string, title: Name, ui:field: EntityNamePicker}
        component:
          type: string
          title: Component
          ui:field: EntityPicker
          ui:options: {catalogFilter: {kind: Component}}
        size: {type: integer, title: Buckets, default: 2}
        password: {type: string, title: Password, ui:field: Secret}
  steps:
    - id: code
      name: Fetch the code
      action: fetch:plain
      input: {url: ./code}
    - id: stack
      name: Make the stack
      action: stack:create
      input:
        name: ${{ parameters.name }}
        tool: opentofu
        sourcePath: ./
        entityRef: ${{ parameters.component }}
        variables: {size: "${{ parameters.size }}"}
        secrets: {password: "${{ secrets.password }}"}
    - id: run
      name: Plan it
      action: stack:run
      input: {stack: "${{ steps.stack.output.stackId }}", wait: false}
  output:
    links:
      - {title: Open the stack, url: "${{ steps.stack.output.url }}"}
"""
PASSWORD = "correct-horse-battery"


@pytest.fixture
def ground(portal: Portal, browser: Browser, beside: Path, tmp_path: Path) -> None:
    """Two sibling spaces with their groups, and two blueprints: a public one with its skeleton, and one of ours."""
    for name in ("ada", "grace"):  # groups of single sign-on are known once somebody of them was here
        visitor = browser.new_context()
        sign_in_by_sso(visitor.new_page(), portal, name)
        visitor.close()
    for slug, group in (("payments", "sso:oidc/platform"), ("games", "sso:oidc/games")):
        portal.ok("POST", "/api/v1/spaces", {"parent": "root", "slug": slug, "name": slug.capitalize()})
        portal.ok("POST", "/api/v1/bindings", {"space": slug, "role": "admin", "group": group})
    docs = tmp_path / "docs-template"
    source = beside / "corpus/templates/backstage__software-templates/scaffolder-templates/docs-template"
    shutil.copytree(source, docs)
    for path in [docs, *docs.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    text = (docs / "template.yaml").read_text()
    # The published repository lies in a folder that operators allow instead of at a public host.
    text = text.replace("action: publish:github", "action: publish:git")
    text = re.sub(r'( +)allowedHosts: \["github.com"\]\n', r"\1folder: ${{ parameters.name }}\n", text)
    text = text.replace("        repoUrl: ${{ parameters.repoUrl }}\n", "").replace(
        "        description: This is ${{ parameters.name }}\n", ""
    )
    (docs / "template.yaml").write_text(text)
    ours = tmp_path / "storage"
    (ours / "code").mkdir(parents=True)
    (ours / "code" / "main.tf").write_text(MAIN_TF)
    (ours / "template.yaml").write_text(STACK_TEMPLATE)
    portal.manage("ingest", str(docs / "template.yaml"), "--space", "payments")
    portal.manage("ingest", str(ours / "template.yaml"), "--space", "payments")


def wait_for_task(page: Page) -> None:
    """Until the page itself says that the task has completed, by the events that it is sent."""
    expect(page.locator("main .page-header, main header").first).to_contain_text("Completed", timeout=60_000)


def test_it_goes_from_sign_in_to_destroy_and_shows_strangers_nothing(
    page: Page, context: BrowserContext, portal: Portal, ground: None
) -> None:
    seen: list[str] = []
    sign_in_by_sso(page, portal, "ada")

    # Find it.
    page.goto(f"{portal.url}/search/?q=Documentation")
    expect(page.locator("main")).to_contain_text("Documentation Template")
    page.goto(f"{portal.url}/create/")
    page.get_by_role("link", name=re.compile("Documentation Template")).first.click()
    seen.append(page.url)

    # Fill in the form, wrong at first.
    page.get_by_label("Name").fill("not a name!")
    page.get_by_role("button", name="Next").last.click()
    expect(page.locator("main")).to_contain_text("Some fields need another look")
    page.get_by_label("Name").fill("stage-notes")
    page.get_by_label("Description").fill("What happened on stage")
    page.get_by_label("Owner").fill("group:default/platform")
    page.get_by_role("button", name="Next").last.click()
    seen.append(page.url)
    page.get_by_label("Owner").fill("lantern")
    page.get_by_label("Repository").last.fill("stage-notes")
    page.get_by_role("button", name="Review").click()
    expect(page.locator("main")).to_contain_text("stage-notes")
    page.get_by_label("Space").last.select_option("payments")
    page.get_by_role("button", name="Create").click()

    # The task, live.
    page.wait_for_url(re.compile(r"/create/tasks/"))
    seen.append(page.url)
    wait_for_task(page)
    expect(page.locator("#log")).to_contain_text("Finished step Register")
    repositories = list((portal.folder / "git" / "payments").glob("stage-notes*"))
    assert repositories, "the repository was not pushed"

    # The entity is there.
    entity = f"{portal.url}/catalog/component/default/stage-notes/"
    wait_until(
        lambda: portal.api("GET", "/api/catalog/entities/by-name/component/default/stage-notes")[0] == 200,
        20,
        "the entity is served",
    )
    page.goto(entity)
    expect(page.locator("main")).to_contain_text("What happened on stage")
    seen.append(entity)

    # A blueprint that makes a stack.
    page.goto(f"{portal.url}/create/templates/default/storage/")
    seen.append(page.url)
    page.get_by_label("Name").fill("notes-storage")
    page.get_by_label("Component").fill("component:default/stage-notes")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Review").click()
    page.get_by_label("Space").last.select_option("payments")
    page.get_by_role("button", name="Create").click()
    wait_for_task(page)
    seen.append(page.url)
    page.get_by_role("link", name="Open the stack").click()
    stack = f"{portal.url}/stacks/notes-storage/"
    expect(page).to_have_url(stack)
    seen.append(stack)

    # Plan, confirm, apply.
    run = newest_run(portal)
    apply_run(page, portal, run, adds=3)
    seen.append(run_url(portal, run))
    page.goto(entity)
    page.locator("main").get_by_role("link", name=re.compile("Resources")).first.click()
    expect(page.locator("main")).to_contain_text("terraform_data.bucket[0]")
    expect(page.locator("main")).to_contain_text(re.compile("healthy|ok", re.I))

    # A changed variable, a second apply.
    portal.ok("POST", "/api/v1/stacks/notes-storage/variables", {"name": "size", "value": "1"})
    second = portal.ok("POST", "/api/v1/stacks/notes-storage/runs", {"type": "tracked"})
    apply_run(page, portal, second, adds=0)
    resources = portal.ok("GET", "/api/v1/resources?stack=notes-storage")["results"]
    assert sorted(row["address"] for row in resources) == ["terraform_data.bucket[0]", "terraform_data.door"]
    seen.append(f"{portal.url}/resources/{resources[0]['uid']}/")

    # Strangers see nothing of it.
    stranger = context.browser.new_context()  # type: ignore[union-attr]
    other = stranger.new_page()
    sign_in_by_sso(other, portal, "grace")
    for address in seen:
        answer = other.goto(address)
        assert answer is not None
        assert answer.status == 404, (address, answer.status)
    for address in (
        "/catalog/",
        "/create/",
        "/create/tasks/",
        "/stacks/",
        "/resources/",
        "/search/?q=stage",
        "/search/?q=notes",
        "/",
    ):
        other.goto(portal.url + address)
        text = other.locator("body").inner_text()
        for word in ("stage-notes", "notes-storage", "Documentation Template", "terraform_data"):
            assert word not in text, (address, word)
    stranger.close()

    # Destroy.
    last = portal.ok("POST", "/api/v1/stacks/notes-storage/runs", {"type": "destroy"})
    apply_run(page, portal, last, adds=0)
    assert portal.ok("GET", "/api/v1/resources?stack=notes-storage")["results"] == []
    rows = dump(portal)
    assert "notes-storage" in rows
    assert PASSWORD not in rows


def newest_run(portal: Portal) -> dict[str, object]:
    """The newest run of the stack."""
    found: dict[str, object] = portal.ok("GET", "/api/v1/runs?stack=notes-storage")["results"][0]
    return found


def run_url(portal: Portal, run: dict[str, object]) -> str:
    """The page of a run."""
    return f"{portal.url}/stacks/runs/{run['uid']}/"


def apply_run(page: Page, portal: Portal, run: dict[str, object], *, adds: int) -> None:
    """Look at the plan in the browser, confirm it there, and wait until it has finished."""
    page.goto(run_url(portal, run))
    confirm = page.get_by_role("button", name="Confirm")
    expect(confirm.first).to_be_visible(timeout=60_000)
    if adds:
        expect(page.locator("main")).to_contain_text(f"+{adds}")
    confirm.first.click()
    dialog = page.get_by_role("dialog").get_by_role("button", name="Confirm")
    if dialog.count() and dialog.first.is_visible():
        dialog.first.click()
    # The page changes by itself: what is confirmed can not be confirmed again, what has ended can be tried again.
    expect(page.get_by_role("button", name="Try again")).to_be_visible(timeout=60_000)
    state = portal.ok("GET", f"/api/v1/runs/{run['uid']}")
    assert (state["state"], state["reason"]) == ("finished", "")


READ_ALL = """
from django.db import connection
with connection.cursor() as cursor:
    for table in connection.introspection.table_names():
        cursor.execute(f'SELECT t::text FROM "{table}" t')
        for row in cursor.fetchall():
            print(table, row[0])
"""


def dump(portal: Portal) -> str:
    """Every row of every table, as the database itself has it."""
    return portal.manage("shell", "--no-imports", "-c", READ_ALL)
