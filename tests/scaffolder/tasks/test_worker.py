"""A real worker on a real broker: without a server by default, and again on RabbitMQ and Redis where they answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from celery import Celery
from django.db import connection

from portal.accounts.subjects import person
from portal.spaces.services import ensure_ground
from scaffolder.tasks.models import Task, TaskState
from scaffolder.tasks.publishing import RUN_TASK
from scaffolder.tasks.reaping import reap_tasks
from tests.factories.portal import bind, make_space, make_user
from tests.factories.tasks import make_blueprint, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers, pytest.mark.xdist_group("servers")]
ROOT = Path(__file__).resolve().parents[3]
WAIT = [{"id": "wait", "action": "debug:wait", "input": {"seconds": 60}}]


class Worker:
    """A worker process on the tests' database, and a way to send it ids."""

    def __init__(self, folder: Path, broker: str) -> None:
        database = connection.settings_dict
        where = urlencode({"host": database["HOST"] or "127.0.0.1", "port": database["PORT"] or 5432})
        self.queue = f"test-{os.getpid()}-{time.monotonic_ns()}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
            "DJANGO_SETTINGS_MODULE": "portal.settings.test",
            "TEST_DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?{where}",
            "TEST_BROKER_URL": broker,
            "TMPDIR": str(folder),
            "LEASE_SECONDS": "2",
            "HEARTBEAT_SECONDS": "1",
        }
        self.app = Celery(broker=broker)
        if broker.startswith("filesystem"):
            place = folder / "callboard-tests" / "broker"
            for name in ("queue", "control"):
                (place / name).mkdir(parents=True, exist_ok=True)
            self.app.conf.broker_transport_options = {
                "data_folder_in": str(place / "queue"),
                "data_folder_out": str(place / "queue"),
                "control_folder": str(place / "control"),
            }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "portal.celery", "worker", "-Q", self.queue, "--pool", "solo",
             "--without-gossip", "--without-mingle", "--loglevel", "WARNING"],
            env=self.environment, cwd=ROOT, start_new_session=True,
        )  # fmt: skip

    def send(self, pk: int) -> None:
        self.app.send_task(RUN_TASK, args=[pk], queue=self.queue)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    broker = os.environ.get("TEST_BROKER_URL", "filesystem://")
    made = Worker(tmp_path, "filesystem://" if broker.startswith("memory") else broker)
    yield made
    if made.process.poll() is None:
        made.kill()


def until(true: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def state(task: Task) -> str:
    found: str = Task.objects.values_list("state", flat=True).get(pk=task.pk)
    return found


def a_task(tmp_path: Path, **spec: Any) -> Task:
    ensure_ground()
    space, user = make_space("stage"), make_user("member")
    bind(user, "writer", space)
    return make_task(person(user), make_blueprint(tmp_path / "templates", space, **spec), space)


def test_it_runs_what_it_is_sent_once_however_often_it_is_sent(worker: Worker, tmp_path: Path) -> None:
    task = a_task(tmp_path)
    worker.send(task.pk)
    worker.send(task.pk)
    until(lambda: state(task) == TaskState.COMPLETED)
    assert task.events.filter(kind="completion").count() == 1


def test_it_leaves_a_truthful_end_behind_when_it_is_killed(worker: Worker, tmp_path: Path) -> None:
    task = a_task(tmp_path, steps=WAIT)
    worker.send(task.pk)
    until(lambda: task.steps.filter(state="processing").exists())
    worker.kill()
    until(lambda: reap_tasks()[0] == 1, seconds=10)
    assert state(task) == TaskState.FAILED
