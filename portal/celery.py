"""The Celery app. Messages carry ids only and may be lost, doubled or reordered without harm."""

from __future__ import annotations

import os
import warnings

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

from portal.schedule import schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")

# The portal's tasks carry no code, so that a worker of root is no worse than a web server of root.
warnings.filterwarnings("ignore", message=r"(?s).*superuser privileges")
TRANSPORT_ALIASES["filesystem"] = "portal.lib.file_broker:Transport"
app = Celery("callboard")


def _transport() -> dict[str, object]:
    """Options of the transport; the filesystem one keeps its messages below the data folder."""
    if not settings.CELERY_BROKER_URL.startswith("filesystem"):
        return {}
    folder = settings.BROKER_DIR
    for name in ("queue", "control", "processed"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "processed_folder": str(folder / "processed"),
        "polling_interval": 0.05,
    }


app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_transport_options=_transport(),
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    task_routes={"scaffolder.runs.run_phase": {"queue": "runs"}},
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    task_default_queue="default",
    task_queue_max_priority=None,
    timezone="UTC",
    beat_schedule=schedule(),
)
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Leave logging as the settings made it."""
