"""The real Ansible on this machine: check runs as plans, tasks as resources, statistics as outputs."""

import json
import os
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.lib.masking import MASK, Masker
from scaffolder.tools.ansible.events import plan_of, read_events, resources_of
from scaffolder.tools.ansible.tool import Ansible
from scaffolder.tools.base import ToolMissing, ToolSettings
from scaffolder.tools.outcomes import Action, ExitState, ResourceStatus
from tests.scaffolder.tools.conftest import Site

pytestmark = pytest.mark.tools
SECRET = "hunter22-of-ada"
QUIET = "- hosts: all\n  gather_facts: false\n"
SITE = (
    QUIET
    + """  roles: [web]
  tasks:
    - name: Motd
      ansible.builtin.copy:
        dest: "{{ target }}/motd"
        content: "{{ greeting }}\\n"
        mode: "0600"
    - name: Publish
      ansible.builtin.command: "true"
    - ansible.builtin.set_stats:
        data: {url: "https://shop.example", login: "app:{{ password }}"}
"""
)
ROLE = '- name: Folder\n  ansible.builtin.file: {path: "{{ target }}/www", state: directory, mode: "0755"}\n'
RESCUED = """  tasks:
    - block:
        - ansible.builtin.fail: {msg: first}
      rescue:
        - ansible.builtin.meta: noop
    - name: Config
      ansible.builtin.command: "false"
    - name: Never
      ansible.builtin.command: "true"
"""
DESTROY = QUIET + '  tasks:\n    - ansible.builtin.file: {path: "{{ target }}/motd", state: absent}\n'


@pytest.fixture
def ansible() -> Ansible:
    return Ansible(ToolSettings())


@pytest.fixture
def shop(site: Site) -> Site:
    site.write(site_yml=SITE, roles__web__tasks__main_yml=ROLE, destroy_yml=DESTROY)
    return site


def test_it_plans_applies_changes_and_destroys(shop: Site, ansible: Ansible, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    variables: dict[str, object] = {"target": str(target), "greeting": "hello", "password": SECRET}
    run = shop.workspace(SECRET, variables=variables)
    assert ansible.initialize(run).succeeded

    planned = ansible.plan(run)
    assert planned.plan
    assert {change.address: change.action for change in planned.plan.changes} == {
        "localhost/web.Folder": Action.UPDATE,
        "localhost/Motd": Action.UPDATE,
        "localhost/Publish": Action.RUN,
    }
    assert planned.plan.changes[1].after == "hello\n"
    assert list(target.iterdir()) == []

    assert ansible.apply(run).state is ExitState.OK
    stands = ansible.collect(run)
    assert stands.state is ExitState.OK
    motd = stands.resources[1]
    assert (motd.address, motd.type, motd.provider) == ("localhost/Motd", "ansible.builtin.copy", "ansible")
    assert motd.attributes["dest"] == f"{target}/motd"
    assert motd.attributes["defined_in"] == "site.yml:5"
    assert {resource.name for resource in stands.resources} == {"Folder", "Motd", "Publish"}
    assert (stands.outputs["url"].value, stands.outputs["url"].sensitive) == ("https://shop.example", False)
    assert (stands.outputs["login"].value, stands.outputs["login"].sensitive) == (f"app:{SECRET}", True)

    planned = ansible.plan(run, destroy=True)
    assert planned.plan
    assert planned.plan.changed == 1
    assert ansible.apply(run).succeeded
    assert not (target / "motd").exists()
    assert ansible.collect(run).resources == ()


def test_it_sees_when_nothing_would_change(site: Site, ansible: Ansible, tmp_path: Path) -> None:
    site.write(playbook_yml=QUIET + "  tasks:\n    - ansible.builtin.file: {path: '{{ target }}', state: directory}\n")
    planned = ansible.plan(site.workspace(variables={"target": str(tmp_path)}))
    assert planned.state is ExitState.NO_CHANGES
    assert planned.plan
    assert not planned.plan.has_changes


def test_it_leaves_no_secret_in_log_or_files(site: Site, ansible: Ansible) -> None:
    task = "    - name: Leak {{ password }}\n      ansible.builtin.shell: 'echo {{ password | b64encode }}; ps -ef'\n"
    show = "    - ansible.builtin.debug: {var: leak}\n"
    site.write(site_yml=QUIET + "  tasks:\n" + task + "      register: leak\n" + show)
    run = site.workspace(SECRET, variables={"password": SECRET}, options={"check": "off"})
    ansible.plan(run)
    assert ansible.apply(run).succeeded
    assert f"TASK [Leak {MASK}]" in site.log
    assert "ansible-playbook" in site.log
    assert SECRET not in f"{site.log}{ansible.collect(run)}"
    assert site.files_with(SECRET) == ["events.jsonl"]


def test_it_masks_what_tasks_report(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    diff = {"before": {"line": 1}, "after": f"password = {SECRET}"}
    row = {"event": "task", "status": "ok", "changed": True, "host": "web", "task": f"Set {SECRET}", "diffs": [diff]}
    path.write_text(json.dumps({**row, "facts": {"path": f"/srv/{SECRET}"}}) + "\n")
    events, masker = read_events(path, tmp_path), Masker([SECRET])
    assert plan_of(events, masker).changes[0].after == f"password = {MASK}"
    assert resources_of(events, masker, failed=False)[0].attributes["path"] == f"/srv/{MASK}"
    assert SECRET not in repr((plan_of(events, masker), resources_of(events, masker, failed=False)))


def test_it_names_the_task_that_failed(site: Site, ansible: Ansible) -> None:
    site.write(site_yml=QUIET + RESCUED)
    run = site.workspace(options={"check": "off"})
    planned = ansible.plan(run)
    assert planned.plan
    assert planned.plan.has_changes
    assert "Check runs are off" in site.log
    outcome = ansible.apply(run)
    assert outcome.state is ExitState.FAILED
    assert outcome.reason == "Task 'Config' failed on localhost (site.yml:8): non-zero return code"
    assert outcome.failed_addresses[-1] == "localhost/Config"
    stands = ansible.collect(run)
    assert stands.state is ExitState.FAILED
    assert {r.name: r.status for r in stands.resources} == {"Config": ResourceStatus.FAILED}


def test_it_tells_of_hosts_that_do_not_answer(site: Site, ansible: Ansible) -> None:
    site.write(
        site_yml=QUIET + "  tasks:\n    - ansible.builtin.ping:\n",
        hosts_ini="web ansible_host=127.0.0.1 ansible_port=1\n",
    )
    outcome = ansible.plan(site.workspace())
    assert outcome.state is ExitState.FAILED
    assert outcome.reason.startswith("Task 'ansible.builtin.ping' could not reach web (site.yml:4)")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("- hosts: all\n  tasks:\n   - copy: {dest: x\n", "YAML parsing failed"),
        ("- hosts: all\n  tasks:\n   - nosuchmodule: {}\n", "couldn't resolve module/action 'nosuchmodule'"),
        ("- hosts: all\n  roles: [nope]\n", "the role 'nope' was not found"),
    ],
)
def test_it_says_in_one_sentence_what_is_wrong_with_the_code(
    code: str, reason: str, site: Site, ansible: Ansible
) -> None:
    site.write(site_yml=code)
    outcome = ansible.plan(site.workspace())
    assert outcome.state is ExitState.FAILED
    assert outcome.reason.startswith(reason)
    assert "(site.yml:" in outcome.reason
    assert ansible.apply(site.workspace()).reason == "There is no plan to apply. Plan first."


@pytest.mark.parametrize(
    ("options", "destroy", "words"),
    [
        ({}, False, "no site.yml, site.yaml, playbook.yml"),
        ({"playbook": "nope.yml"}, False, "the root of the repository has no nope.yml"),
        ({"playbook": "../../etc/passwd"}, False, "has no ../../etc/passwd"),
        ({}, True, "Ansible keeps no state and cannot tell what to take away."),
    ],
)
def test_it_says_which_playbook_is_missing(
    options: dict[str, str], destroy: bool, words: str, site: Site, ansible: Ansible
) -> None:
    outcome = ansible.plan(site.workspace(options=options), destroy=destroy)
    assert outcome.state is ExitState.FAILED
    assert words in outcome.reason


def test_it_stops_an_apply_and_every_process_of_it(
    site: Site, ansible: Ansible, tmp_path: Path, cancel_when: Callable[[list[str], str], Callable[[], str | None]]
) -> None:
    pid_file = tmp_path / "pid"
    site.write(site_yml=QUIET + f"  tasks:\n    - ansible.builtin.shell: 'echo $$ > {pid_file}; exec sleep 60'\n")
    run = site.workspace(
        options={"check": "off"},
        cancelled=lambda: "Stopped by ada." if pid_file.exists() and pid_file.read_text() else None,
    )
    ansible.plan(run)
    started = time.monotonic()
    outcome = ansible.apply(run)
    assert (outcome.state, outcome.reason) == (ExitState.CANCELED, "Stopped by ada.")
    assert time.monotonic() - started < 8
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_it_installs_the_roles_that_the_project_requires(site: Site, ansible: Ansible, tmp_path: Path) -> None:
    role = tmp_path / "motd"
    (role / "meta").mkdir(parents=True)
    (role / "tasks").mkdir()
    (role / "meta/main.yml").write_text(
        "galaxy_info: {author: ada, description: x, license: MIT, min_ansible_version: '2.9'}\n"
    )
    (role / "tasks/main.yml").write_text("- ansible.builtin.debug: {msg: from the role}\n")
    with tarfile.open(tmp_path / "motd.tar.gz", "w:gz") as archive:
        archive.add(role, arcname="motd")
    site.write(
        requirements_yml=f"- src: file://{tmp_path}/motd.tar.gz\n  name: motd\n", site_yml=QUIET + "  roles: [motd]\n"
    )
    run = site.workspace()
    assert ansible.initialize(run).succeeded
    assert ansible.plan(run).state is ExitState.NO_CHANGES
    assert "from the role" in site.log


def test_it_says_which_requirement_cannot_be_installed(site: Site, ansible: Ansible) -> None:
    site.write(requirements_yml="- src: file:///no/such/role.tar.gz\n  name: gone\n")
    outcome = ansible.initialize(site.workspace())
    assert outcome.state is ExitState.FAILED
    assert outcome.reason.startswith("failed to download the file")
    assert outcome.reason.endswith("; gone was NOT installed successfully.")


def test_it_knows_nothing_of_what_stands_before_an_apply(site: Site, ansible: Ansible) -> None:
    stands = ansible.collect(site.workspace())
    assert stands.state is ExitState.FAILED
    assert stands.reason == "Ansible keeps no state: only an apply tells what stands."


def test_it_reads_a_file_of_events_that_somebody_tampered_with(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(
        '{"event": "task", "host": 1, "facts": [], "diffs": 3, "changed": "yes"}\n[]\nnull\n{"event": "stats"\n'
    )
    events = read_events(path, tmp_path)
    assert [(task.host, task.changed, task.diffs) for task in events.tasks] == [("1", False, ())]
    assert read_events(tmp_path / "none", tmp_path).tasks == ()


def test_it_numbers_tasks_of_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"event": "task", "host": "web", "role": "app", "task": "Copy"}\n' * 2)
    assert [task.address for task in read_events(path, tmp_path).tasks] == ["web/app.Copy", "web/app.Copy #2"]


def test_it_says_where_it_looked_for_a_missing_tool() -> None:
    with pytest.raises(ToolMissing, match=r"ANSIBLE_PLAYBOOK_BINARY names /no/ansible, which is no program\."):
        Ansible(ToolSettings(programs={"ansible": "/no/ansible"})).program()
