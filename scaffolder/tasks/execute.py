"""What a worker does with a task: claim it, run its steps in a workspace of its own, and say how it ended."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from portal.jobs.claims import Heartbeat, LostClaim, claim, held
from portal.lib.errors import PortalError
from portal.lib.masking import Masker
from scaffolder.tasks.models import Task, TaskState
from scaffolder.tasks.recorder import Recorder
from scaffolder.tasks.running import run_steps_of
from scaffolder.tasks.services import end_task

logger = logging.getLogger(__name__)
# How long an answer to "was it cancelled?" holds, so that actions may ask as often as they like. Seconds.
CANCEL_LOOK = 0.5


def execute_task(pk: int) -> None:
    """Run the task with this primary key, if it waits and nobody else has it."""
    task = claim(Task, pk, [TaskState.OPEN], to=TaskState.PROCESSING)
    if task is None:
        return
    held(task).update(started_at=timezone.now())
    secrets: dict[str, str] = json.loads(task.secrets) if task.secrets else {}
    recorder = Recorder(task, Masker(secrets.values()))
    with Heartbeat(task) as heartbeat:
        try:
            _run(task, secrets, recorder, Watch(task, heartbeat))
        except LostClaim:
            logger.warning("task %s was taken over while it ran", task.uid)


def _run(task: Task, secrets: dict[str, str], recorder: Recorder, watch: Watch) -> None:
    settings.WORKSPACES_DIR.mkdir(parents=True, exist_ok=True)
    workspace = Path(tempfile.mkdtemp(prefix="task-", dir=settings.WORKSPACES_DIR))
    try:
        ending = run_steps_of(task, secrets, workspace, recorder, watch)
        recorder.flush()
        end_task(task, TaskState(ending.state.value), reason=ending.reason, output=ending.output)
    except LostClaim:
        raise
    except PortalError as error:
        recorder.flush()
        end_task(task, TaskState.FAILED, reason=recorder.masker.mask(error.detail))
    except Exception:  # the job boundary: a bug of ours must still end the task truthfully
        logger.exception("task %s failed by an error of the portal", task.uid)
        recorder.flush()
        end_task(
            task, TaskState.FAILED, reason="The portal failed while it ran this task. Its log says more to operators."
        )
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


class Watch:
    """Says whether a task should end: somebody cancelled it, or the claim on it is gone."""

    def __init__(self, task: Task, heartbeat: Heartbeat) -> None:
        self._task, self._heartbeat = task, heartbeat
        self._looked, self._wanted = 0.0, False

    def cancelled(self) -> bool:
        """True from the moment that anybody asked for the end."""
        if self._heartbeat.lost.is_set():
            return True
        now = time.monotonic()
        if not self._wanted and now - self._looked > CANCEL_LOOK:
            self._looked = now
            self._wanted = bool(
                Task.objects.filter(pk=self._task.pk).values_list("is_cancel_wanted", flat=True).first()
            )
        return self._wanted
