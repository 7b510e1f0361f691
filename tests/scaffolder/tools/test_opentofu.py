"""The real OpenTofu against a real state backend: what a run does, says and leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.lib.masking import MASK
from scaffolder.tools.base import ToolMissing, ToolSettings
from scaffolder.tools.opentofu.settings import OVERRIDE
from scaffolder.tools.opentofu.tool import OpenTofu
from scaffolder.tools.outcomes import Action, ExitState, ResourceStatus
from scaffolder.tools.sanitize import HIDDEN, UNKNOWN
from tests.scaffolder.tools.conftest import PASSWORD, Site, StateServer

pytestmark = pytest.mark.tools
SECRET = "hunter22-of-ada"
MAIN = """
terraform {
  backend "local" { path = "elsewhere.tfstate" }
}
variable "size" { type = string }
variable "password" {
  type      = string
  sensitive = true
}
variable "tags" {
  type    = list(string)
  default = []
}
resource "terraform_data" "server" { input = { size = var.size, tags = var.tags } }
resource "terraform_data" "login" {
  input = { password = var.password, server = terraform_data.server.id }
}
module "network" { source = "./network" }
output "size" { value = terraform_data.server.output.size }
output "password" {
  value     = var.password
  sensitive = true
}
"""
NETWORK = 'resource "terraform_data" "subnet" {\n  count = 2\n  input = "10.0.${count.index}.0/24"\n}\n'
SLOW = (
    'resource "terraform_data" "slow" {\n  provisioner "local-exec" { command = "echo begun $$; exec sleep 60" }\n}\n'
)


@pytest.fixture
def shop(site: Site) -> Site:
    site.write(main_tf=MAIN, network__main_tf=NETWORK)
    return site


def test_it_plans_applies_changes_and_destroys(shop: Site, tofu: OpenTofu, state_server: StateServer) -> None:
    variables: dict[str, object] = {"size": "small", "password": SECRET, "tags": ["a", "b"]}
    run = shop.workspace(SECRET, state=state_server.backend, variables=variables)
    assert tofu.initialize(run).state is ExitState.OK

    planned = tofu.plan(run)
    assert planned.state is ExitState.OK
    assert planned.plan
    assert (planned.plan.added, planned.plan.changed, planned.plan.destroyed) == (4, 0, 0)
    assert planned.plan.output_changes == {"size": Action.CREATE, "password": Action.CREATE}
    changes = {change.address: change for change in planned.plan.changes}
    assert changes["terraform_data.login"].after == {
        "id": UNKNOWN,
        "input": {"password": HIDDEN, "server": UNKNOWN},
        "output": UNKNOWN,
        "triggers_replace": None,
    }
    assert changes["module.network.terraform_data.subnet[1]"].provider == "terraform.io/builtin/terraform"

    assert tofu.apply(run).state is ExitState.OK
    stands = tofu.collect(run)
    resources = {resource.address: resource for resource in stands.resources}
    assert set(resources) == set(changes)
    assert resources["terraform_data.login"].dependencies == ("terraform_data.server",)
    assert resources["terraform_data.server"].attributes["input"] == {"size": "small", "tags": ["a", "b"]}
    assert stands.outputs["size"].value == "small"
    assert (stands.outputs["password"].value, stands.outputs["password"].sensitive) == (SECRET, True)
    assert SECRET not in f"{shop.log}{planned}{stands}"
    assert tofu.plan(run).state is ExitState.NO_CHANGES

    bigger = shop.workspace(SECRET, state=state_server.backend, variables={**variables, "size": "large"})
    planned = tofu.plan(bigger)
    assert planned.plan
    assert (planned.plan.added, planned.plan.changed, planned.plan.destroyed) == (0, 1, 0)
    assert planned.plan.changes[0].changed == ("input", "output")
    assert tofu.apply(bigger).succeeded
    assert tofu.collect(bigger).outputs["size"].value == "large"

    planned = tofu.plan(bigger, destroy=True)
    assert planned.plan
    assert planned.plan.destroyed == 4
    assert tofu.apply(bigger).succeeded
    assert (tofu.collect(bigger).resources, tofu.collect(bigger).outputs) == ((), {})
    assert state_server.lock == b""


def test_it_leaves_no_secret_in_log_arguments_or_files(shop: Site, tofu: OpenTofu, state_server: StateServer) -> None:
    command = "ps -ef; echo $LEAK; echo $LEAK | base64"
    shop.write(echo_tf=f'resource "terraform_data" "x" {{\n provisioner "local-exec" {{ command = "{command}" }}\n}}\n')
    variables = {"size": "s", "password": SECRET}
    run = shop.workspace(
        SECRET, "leaked-by-env", state=state_server.backend, variables=variables, env={"LEAK": "leaked-by-env"}
    )
    tofu.initialize(run)
    tofu.plan(run)
    assert tofu.apply(run).succeeded
    assert shop.log.count(f"(local-exec): {MASK}") == 2
    assert f"{tofu.program().name} apply" in shop.log
    for secret in (SECRET, "leaked-by-env", PASSWORD):
        assert secret not in shop.log
        assert shop.files_with(secret) == []


def test_it_hides_what_the_code_calls_sensitive_even_where_it_is_repeated(
    site: Site, tofu: OpenTofu, state_server: StateServer
) -> None:
    site.write(
        main_tf='variable "pin" {\n default = "generated-4711"\n sensitive = true\n}\n'
        'resource "terraform_data" "a" { input = var.pin }\n'
        'resource "terraform_data" "b" {\n provisioner "local-exec" { command = "echo generated-4711" }\n}\n'
    )
    run = site.workspace(state=state_server.backend)
    tofu.initialize(run)
    tofu.plan(run)
    assert tofu.apply(run).succeeded
    assert "generated-4711" not in site.log + repr(tofu.collect(run))


def test_it_takes_an_output_that_shows_a_secret_for_sensitive(
    site: Site, tofu: OpenTofu, state_server: StateServer
) -> None:
    site.write(main_tf='variable "url" {}\noutput "url" { value = "postgres://${var.url}" }\n')
    run = site.workspace(SECRET, state=state_server.backend, variables={"url": f"app:{SECRET}@db"})
    tofu.initialize(run)
    planned = tofu.plan(run)
    assert planned.plan
    assert (planned.plan.has_changes, planned.plan.changes) == (True, ())
    assert tofu.apply(run).succeeded
    assert tofu.collect(run).outputs["url"].sensitive
    assert SECRET not in site.log


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ('resource "terraform_data" "x" {\n  input = \n}\n', "Invalid expression (main.tf:2)"),
        (
            'resource "terraform_data" "x" {\n  input = var.nope\n}\n',
            "Reference to undeclared input variable (main.tf:2)",
        ),
        ('module "x" { source = "./nowhere" }\n', "Unreadable module directory"),
        ('variable "x" {}\n', "No value for required variable (main.tf:1)"),
    ],
)
def test_it_says_in_one_sentence_what_is_wrong_with_the_code(
    code: str, reason: str, site: Site, tofu: OpenTofu, state_server: StateServer
) -> None:
    site.write(main_tf=code)
    run = site.workspace(state=state_server.backend)
    outcome = tofu.initialize(run)
    outcome = tofu.plan(run) if outcome.succeeded else outcome
    assert outcome.state is ExitState.FAILED
    assert outcome.reason.startswith(reason)
    assert outcome.diagnostics[0].summary in site.log
    assert tofu.apply(run).reason == "There is no plan to apply. Plan first."


def test_it_names_the_resource_that_failed_and_keeps_it_as_tainted(
    site: Site, tofu: OpenTofu, state_server: StateServer
) -> None:
    site.write(
        main_tf='resource "terraform_data" "x" {\n  provisioner "local-exec" { command = "echo oops; exit 3" }\n}\n'
    )
    run = site.workspace(state=state_server.backend)
    tofu.initialize(run)
    tofu.plan(run)
    outcome = tofu.apply(run)
    assert outcome.reason.startswith("local-exec provisioner error (main.tf:2): Error running command")
    assert outcome.failed_addresses == ("terraform_data.x",)
    assert [record.status for record in tofu.collect(run).resources] == [ResourceStatus.TAINTED]
    assert state_server.lock == b""


def test_it_says_who_holds_the_state(shop: Site, tofu: OpenTofu, state_server: StateServer) -> None:
    run = shop.workspace(state=state_server.backend, variables={"size": "s", "password": SECRET})
    tofu.initialize(run)
    state_server.lock = json.dumps({"ID": "lock-of-grace", "Who": "grace@desk", "Operation": "apply"}).encode()
    outcome = tofu.plan(run)
    assert outcome.state is ExitState.FAILED
    assert outcome.reason.startswith("Error acquiring the state lock")
    assert "lock-of-grace" in outcome.reason
    assert b"lock-of-grace" in state_server.lock


def test_it_applies_a_plan_only_once(shop: Site, tofu: OpenTofu, state_server: StateServer) -> None:
    run = shop.workspace(state=state_server.backend, variables={"size": "s", "password": SECRET})
    tofu.initialize(run)
    tofu.plan(run)
    assert tofu.apply(run).succeeded
    serial = state_server.document["serial"]
    assert tofu.apply(run).state is ExitState.FAILED
    assert state_server.document["serial"] == serial


def test_it_stops_an_apply_in_good_order(
    site: Site,
    tofu: OpenTofu,
    state_server: StateServer,
    cancel_when: Callable[[list[str], str], Callable[[], str | None]],
) -> None:
    site.write(main_tf=SLOW + 'resource "terraform_data" "quick" {}\n')
    cancelled = cancel_when(site.lines, "local-exec): begun")
    run = site.workspace(state=state_server.backend, cancelled=cancelled)
    assert tofu.initialize(run).succeeded
    tofu.plan(run)
    started = time.monotonic()
    outcome = tofu.apply(run)
    assert (outcome.state, outcome.reason) == (ExitState.CANCELED, "Stopped by ada.")
    assert time.monotonic() - started < 6
    assert state_server.lock == b""
    assert {resource["name"] for resource in state_server.document["resources"]} == {"slow", "quick"}
    assert not_alive(begun(site.log))


def test_it_ends_a_run_at_its_deadline(site: Site, tofu: OpenTofu, state_server: StateServer) -> None:
    site.write(main_tf=SLOW)
    run = site.workspace(state=state_server.backend)
    tofu.initialize(run)
    tofu.plan(run)
    outcome = tofu.apply(site.workspace(state=state_server.backend, silence_limit=0.5))
    assert outcome.state is ExitState.TIMED_OUT
    assert outcome.reason == f"{tofu.program().name} apply was ended. It printed nothing for 0.5 seconds."
    assert state_server.lock == b""


WORKER = """
import sys
from pathlib import Path
from portal.lib.masking import Masker
from portal.lib.processes import Limits
from scaffolder.tools.base import ToolSettings
from scaffolder.tools.opentofu.tool import OpenTofu
from scaffolder.tools.workspaces import StateBackend, Workspace
binary, checkout, private, address, password = sys.argv[1:]
run = Workspace(Path(checkout), Path(private), on_line=lambda line: print(line, flush=True), masker=Masker(),
                state=StateBackend(address, address, address, "run-1", password), limits=Limits(orphan_grace=5))
tofu = OpenTofu(ToolSettings(programs={"opentofu": binary}))
tofu.initialize(run); tofu.plan(run); tofu.apply(run)
"""


def test_it_leaves_no_orphan_and_no_lock_when_the_worker_is_killed(
    site: Site, tofu_binary: str, state_server: StateServer
) -> None:
    site.write(main_tf=SLOW)
    argv = [sys.executable, "-c", WORKER, tofu_binary, str(site.checkout), str(site.private)]
    argv += [state_server.backend.address, PASSWORD]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        for line in worker.stdout:
            site.lines.append(line)
            if "local-exec): begun" in line:
                break
        worker.send_signal(signal.SIGKILL)
    pid = begun(site.log)
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline and (state_server.lock or not not_alive(pid)):
        time.sleep(0.02)
    assert not_alive(pid)
    assert state_server.lock == b""
    assert [resource["name"] for resource in state_server.document["resources"]] == ["slow"]


def begun(log: str) -> int:
    return int(log.split("local-exec): begun ")[1].split()[0])


def not_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_refuses_a_project_that_replaces_the_state_backend(
    site: Site, tofu: OpenTofu, state_server: StateServer
) -> None:
    site.write_file("zzzz_override.tf", 'terraform {\n  backend "local" {}\n}\n')
    outcome = tofu.initialize(site.workspace(state=state_server.backend))
    assert outcome.state is ExitState.FAILED
    assert "replaces the portal's state backend by 'local'" in outcome.reason


def test_it_does_not_follow_a_link_in_the_place_of_its_own_file(
    site: Site, tofu: OpenTofu, state_server: StateServer
) -> None:
    target = site.checkout.parent / "target"
    target.write_text("precious")
    (site.checkout / OVERRIDE).symlink_to(target)
    assert tofu.initialize(site.workspace(state=state_server.backend)).succeeded
    assert target.read_text() == "precious"


def test_it_leaves_the_backend_of_the_project_where_the_portal_keeps_no_state(site: Site, tofu: OpenTofu) -> None:
    site.write(main_tf='resource "terraform_data" "x" {}\n')
    run = site.workspace()
    assert tofu.initialize(run).succeeded
    assert tofu.plan(run).succeeded
    assert tofu.apply(run).succeeded
    assert (site.checkout / "terraform.tfstate").is_file()


@pytest.mark.parametrize(
    ("root", "words"), [("../..", "leaves the repository"), ("nowhere", "has no folder 'nowhere'")]
)
def test_it_stays_in_the_checkout(root: str, words: str, site: Site, tofu: OpenTofu) -> None:
    outcome = tofu.initialize(site.workspace(project_root=root))
    assert outcome.state is ExitState.FAILED
    assert words in outcome.reason


def test_it_says_where_it_looked_for_a_missing_tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        ToolMissing, match=rf"TOFU_BINARY is not set, and PATH \({tmp_path}\) has no tofu or terraform\."
    ):
        OpenTofu(ToolSettings()).program()
    with pytest.raises(ToolMissing, match=r"TOFU_BINARY names /no/tofu, which is no program. Install OpenTofu"):
        OpenTofu(ToolSettings(programs={"opentofu": "/no/tofu"})).program()
