"""The real thing: a web server, a Celery worker with its clock, OpenTofu and Ansible; and what SIGKILL does to it."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection

from portal.lib import git
from scaffolder.runs.models import Run
from scaffolder.stacks.models import StateCredential, StateLock
from tests.factories.portal import bind, make_space, make_token, make_user
from tests.factories.stacks import SECRET, TOFU, make_bundle

ROOT = Path(__file__).parents[3]
# Recognized among all processes of the machine.
NAP = "86.42"
ECHO = """
resource "terraform_data" "echo" {
  provisioner "local-exec" { command = "echo the password is $WORD" }
}
"""
SLOW_TOFU = f"""
resource "terraform_data" "first" {{ input = "here" }}
resource "terraform_data" "slow" {{
  depends_on = [terraform_data.first]
  provisioner "local-exec" {{ command = "test -f /tmp/never || sleep {NAP}" }}
}}
"""
SLOW_PLAYBOOK = f"""
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Think long
      ansible.builtin.command: sleep {NAP}
      check_mode: false
      when: not (is_quick | default(false) | bool)
    - name: Write
      ansible.builtin.copy: {{content: hello, dest: "{{{{ target }}}}"}}
"""


class Portal:
    """The processes of a small portal on the test database, and its API."""

    def __init__(self, folder: Path, tofu: str, token: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.token, self.address = token, f"http://127.0.0.1:{self.port}"
        database = connection.settings_dict
        # The host may be the folder of a socket, as the embedded PostgreSQL has it.
        where = urlencode({"host": database["HOST"] or "127.0.0.1", "port": database["PORT"] or 5432})
        url = f"postgresql://{database['USER']}@/{database['NAME']}?{where}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
            "DJANGO_SETTINGS_MODULE": "portal.settings.test", "TEST_DATABASE_URL": url, "TMPDIR": str(folder),
            "TEST_BROKER_URL": "filesystem://", "BASE_URL": self.address, "TOFU_BINARY": tofu,
            "LEASE_SECONDS": "12", "HEARTBEAT_SECONDS": "2", "REAPER_SECONDS": "1",
        }  # fmt: skip
        self.folder = folder
        self.parts: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *argv: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.parts[name] = subprocess.Popen(
                [sys.executable, "-m", *argv],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_web(self) -> None:
        self.start(
            "web", "granian", "portal.asgi:application", "--interface", "asginl", "--port", str(self.port), "--no-ws"
        )
        self.until(lambda: self.is_up(), 30)

    def start_worker(self) -> None:
        schedule = str(self.folder / "beat")
        self.start(
            "worker", "celery", "-A", "portal.celery", "worker", "-B", "-s", schedule, "-Q", "runs,default,keeping",
            "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
        )  # fmt: skip

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2):
                return True
        except OSError:
            return False

    def kill(self, name: str) -> None:
        part = self.parts.pop(name)
        os.killpg(part.pid, signal.SIGKILL)
        part.wait()

    def stop(self) -> None:
        for name in list(self.parts):
            self.kill(name)

    def api(self, method: str, path: str, **body: Any) -> Any:
        data = json.dumps(body).encode() if body or method == "POST" else None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/api/v1/{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def until(self, is_so: Callable[[], Any], seconds: float = 60) -> Any:
        end = time.monotonic() + seconds
        while not (found := is_so()):
            logs = "\n".join(path.read_text()[-3000:] for path in self.folder.glob("*.log"))
            assert time.monotonic() < end, logs
            time.sleep(0.2)
        return found

    def run(self, uid: str, *states: str, seconds: float = 60) -> dict[str, Any]:
        """The run once it is in one of these states."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.api("GET", f"runs/{uid}/")
            assert found["state"] in states or found["state"] not in ("failed", "finished"), found
            return found if found["state"] in states else None

        result: dict[str, Any] = self.until(look, seconds)
        return result

    def start_run(self, slug: str, **body: Any) -> str:
        return str(self.api("POST", f"stacks/{slug}/runs/", **body)["uid"])

    def applied(self, slug: str, **body: Any) -> dict[str, Any]:
        uid = self.start_run(slug, **body)
        self.run(uid, "unconfirmed")
        self.api("POST", f"runs/{uid}/confirm/")
        return self.run(uid, "finished")

    def log(self, uid: str) -> str:
        return "\n".join(line["text"] for line in self.api("GET", f"runs/{uid}/logs/")["lines"])


@pytest.fixture
def portal(ground: None, tmp_path: Path, tofu_binary: str, socket_enabled: None) -> Iterator[Portal]:
    owner, space = make_user("owner"), make_space("stage")
    bind(owner, "admin", space)
    running = Portal(tmp_path, tofu_binary, make_token(owner))
    try:
        running.start_web()
        running.start_worker()
        yield running
    finally:
        running.stop()


def naps() -> list[int]:
    """The processes that sleep for us."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().split(b"\0")[:2] == [b"sleep", NAP.encode()]:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def base64_of(**files: str) -> str:
    return base64.b64encode(make_bundle(**files)).decode()


def everywhere(text: str) -> list[str]:
    """The columns of the database that hold the text."""
    found = []
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            # Columns of bytes are shown as hexadecimal digits.
            patterns = [f"%{text}%", f"%{text.encode().hex()}%"]
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE ANY(%s)', [patterns])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


@pytest.mark.timeout(300)
def test_from_a_repository_to_the_end(portal: Portal, settings: Any) -> None:
    roots = [portal.folder / "callboard-tests" / "git"]
    roots[0].mkdir(parents=True)
    settings.GIT_ROOTS = roots
    code = portal.folder / "code"
    (code / "infra").mkdir(parents=True)
    echo = (
        'resource "terraform_data" "echo" {\n  provisioner "local-exec" { command = "echo the password is $WORD" }\n}\n'
    )
    (code / "infra" / "main.tf").write_text(TOFU + echo)
    remote = str(roots[0] / "net.git")
    commit = git.from_settings().init_commit_push(code, remote, branch="main", message="First")
    portal.api(
        "POST", "stacks/", name="Net", space="stage", tool="opentofu", repository=remote, branch="main",
        project_root="infra", variables={"greeting": "hello"}, secrets={"password": SECRET},
        secret_environment={"WORD": SECRET},
    )  # fmt: skip
    run = portal.applied("net")
    assert (run["commit"], run["added"]) == (commit, 3)
    assert run["outputs"]["said"] == {"value": "hello", "sensitive": False}
    assert "the password is ***" in portal.log(run["uid"])
    portal.api("POST", "stacks/net/variables/", name="greeting", value="bonjour")
    assert portal.applied("net")["changed"] == 1
    rows = portal.api("GET", "resources/")["results"]
    assert {(row["address"], row["health"]) for row in rows} == {
        ("terraform_data.greeting", "ok"), ("terraform_data.hidden", "ok"), ("terraform_data.echo", "ok"),
    }  # fmt: skip
    assert everywhere(SECRET) == []
    assert portal.applied("net", type="destroy")["destroyed"] == 3
    assert portal.api("GET", "resources/")["results"] == []
    left = [path for path in portal.folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert left == []


@pytest.mark.timeout(300)
def test_a_worker_killed_and_a_run_stopped_while_planning(portal: Portal) -> None:
    portal.api(
        "POST", "stacks/", name="Slow", space="stage", tool="ansible", bundle=base64_of(site_yml=SLOW_PLAYBOOK),
        variables={"target": str(portal.folder / "made.txt")},
    )  # fmt: skip
    uid = portal.start_run("slow")
    portal.run(uid, "planning")
    portal.until(naps)
    # Only the process that works on it; the worker itself goes on.
    os.kill(int(Run.objects.get(uid=uid).worker.rsplit(":", 1)[1]), signal.SIGKILL)
    killed = time.monotonic()
    run = portal.run(uid, "failed")
    assert "Nothing was changed" in run["reason"]
    portal.until(lambda: not naps(), 60 - (time.monotonic() - killed))
    assert not list((portal.folder / "callboard-tests" / "workspaces").iterdir())
    stopped = portal.start_run("slow")
    portal.run(stopped, "planning")
    portal.until(naps)
    portal.api("POST", f"runs/{stopped}/stop/")
    assert portal.run(stopped, "stopped")["reason"] == "Stopped by owner via test."
    assert not naps()
    portal.api("POST", "stacks/slow/variables/", name="is_quick", value=True)
    assert portal.applied("slow")["state"] == "finished"
    assert (portal.folder / "made.txt").read_text() == "hello"


@pytest.mark.timeout(300)
def test_a_worker_killed_while_applying(portal: Portal) -> None:
    portal.api(
        "POST", "stacks/", name="Slow", space="stage", tool="opentofu", bundle=base64_of(main_tf=SLOW_TOFU),
        is_autodeployed=True,
    )  # fmt: skip
    uid = portal.start_run("slow")
    portal.run(uid, "applying")
    portal.until(naps)
    assert StateLock.objects.filter(run_uid=uid).exists()
    with pytest.raises(urllib.error.HTTPError, match="409"):
        portal.start_run("slow")
    portal.kill("worker")
    killed = time.monotonic()
    portal.start_worker()
    run = portal.run(uid, "failed")
    assert "Some changes may have been made" in run["reason"]
    portal.until(lambda: not naps(), 60 - (time.monotonic() - killed))
    assert not StateLock.objects.exists()
    assert not StateCredential.objects.exists()
    quick = base64_of(main_tf=SLOW_TOFU.replace(f"sleep {NAP}", "true"))
    portal.api("PATCH", "stacks/slow/", bundle=quick)
    assert portal.run(portal.start_run("slow"), "finished")["state"] == "finished"
    assert {row["health"] for row in portal.api("GET", "resources/")["results"]} == {"ok"}
